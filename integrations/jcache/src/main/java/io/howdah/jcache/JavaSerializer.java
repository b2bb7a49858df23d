package io.howdah.jcache;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import javax.cache.CacheException;

/** Java's serialization, of allowed classes only. */
final class JavaSerializer implements Serializer {
  private final AllowedClasses allowed;
  private final ClassLoader loader;

  JavaSerializer(AllowedClasses allowed, ClassLoader loader) {
    this.allowed = allowed;
    this.loader = loader;
  }

  @Override
  public byte[] write(Object value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new Output(bytes)) {
      out.writeObject(value);
    } catch (IOException e) {
      throw new CacheException("cannot write a " + value.getClass().getName(), e);
    }
    return bytes.toByteArray();
  }

  @Override
  public Object read(byte[] bytes, Class<?> type) {
    try (ObjectInputStream in = new Input(new ByteArrayInputStream(bytes))) {
      return in.readObject();
    } catch (IOException | ClassNotFoundException e) {
      if (e.getCause() instanceof CacheException refused) {
        throw refused;
      }
      throw new CacheException("cannot read a value: " + e.getMessage(), e);
    }
  }

  /** Refuses what could not be read again: better now than at the first read. */
  private final class Output extends ObjectOutputStream {
    Output(OutputStream out) throws IOException {
      super(out);
    }

    @Override
    protected void annotateClass(Class<?> type) {
      allowed.check(type);
    }
  }

  private final class Input extends ObjectInputStream {
    Input(InputStream in) throws IOException {
      super(in);
      setObjectInputFilter(allowed.forStream());
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description)
        throws IOException, ClassNotFoundException {
      try {
        return Class.forName(description.getName(), false, loader);
      } catch (ClassNotFoundException e) {
        // primitive types have no other way
        return super.resolveClass(description);
      }
    }
  }
}
