package io.howdah.spring.json;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonToken;
import tools.jackson.core.type.WritableTypeId;
import tools.jackson.databind.DefaultTyping;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdScalarSerializer;

/**
 * Makes JSON of values whose class the reader does not know, and values of such JSON: it names the
 * classes, and only {@link AllowedTypes} are read. Texts, booleans and numbers that are {@link
 * Integer} stay plain JSON.
 *
 * <p>Reads the types of Spring Security where they are on the class path, and flash attributes of
 * Spring MVC.
 */
public final class TypedJson {
  private static final String SECURITY =
      "org.springframework.security.jackson.SecurityJacksonModules";
  private static final String FLASH_MAP = "org.springframework.web.servlet.FlashMap";

  private final ObjectWriter writer;
  private final ObjectReader reader;

  /** Classes of which a value was written and read again. */
  private final Set<Class<?>> verified = ConcurrentHashMap.newKeySet();

  /**
   * @param more modules that say how other classes are written and read
   */
  public TypedJson(AllowedTypes types, ClassLoader loader, List<JacksonModule> more) {
    BasicPolymorphicTypeValidator.Builder allowed =
        BasicPolymorphicTypeValidator.builder().allowIfSubType((context, type) -> types.test(type));
    JsonMapper.Builder mapper = JsonMapper.builder();
    boolean flashes = ClassUtils.isPresent(FLASH_MAP, loader);
    if (flashes) {
      FlashMaps.allow(allowed);
    }
    if (ClassUtils.isPresent(SECURITY, loader)) {
      mapper.addModules(SecurityTypes.modules(loader, allowed));
    } else {
      mapper.activateDefaultTyping(
          allowed.build(), DefaultTyping.NON_FINAL, JsonTypeInfo.As.PROPERTY);
    }
    if (flashes) {
      mapper.addModule(FlashMaps.module());
    }
    mapper.addModule(new SimpleModule("howdah").addSerializer(new Doubles()));
    mapper.addModules(more);
    JsonMapper built = mapper.build();
    this.writer = built.writerFor(Object.class);
    this.reader = built.readerFor(Object.class);
  }

  /**
   * The JSON of a value. The first one of each class, and each collection, is read again: what
   * could not be found out otherwise before somebody needs it.
   *
   * @throws HowdahException with {@link ErrorCode#CODEC} when it cannot be written, or not read
   *     again
   */
  public String write(Object value) {
    String json;
    try {
      json = writer.writeValueAsString(value);
    } catch (JacksonException e) {
      throw new HowdahException(
          ErrorCode.CODEC,
          "cannot write a value of " + value.getClass().getName() + " as JSON: " + said(e),
          e);
    }
    Class<?> type = value.getClass();
    boolean holdsOthers =
        value instanceof Collection || value instanceof Map || value instanceof Object[];
    if (holdsOthers || !verified.contains(type)) {
      Object read;
      try {
        read = reader.readValue(json);
      } catch (RuntimeException e) {
        throw new HowdahException(
            ErrorCode.CODEC,
            "a value of "
                + type.getName()
                + " cannot be read again from its JSON: "
                + (e instanceof JacksonException jackson ? said(jackson) : e.toString()),
            e);
      }
      if (!holdsOthers && (read == null || read.getClass() != type)) {
        throw new HowdahException(
            ErrorCode.CODEC,
            "a value of "
                + type.getName()
                + " would be read again as one of "
                + (read == null ? "no class" : read.getClass().getName()));
      }
      verified.add(type);
    }
    return json;
  }

  /**
   * The value of what {@link #write} has made.
   *
   * @throws RuntimeException when it cannot be read, as when its class has changed; Jackson passes
   *     on what the class throws
   */
  public @Nullable Object read(String json) {
    return reader.readValue(json);
  }

  /** {@link #read(String)} of JSON that is a tree already. */
  public @Nullable Object read(JsonNode json) {
    return reader.readValue(json);
  }

  /** A JSON object, of which not all may be readable, as a tree. */
  public JsonNode tree(String json) {
    return reader.readTree(json);
  }

  /** Not what the source holds. */
  private static String said(JacksonException e) {
    return e.getOriginalMessage();
  }

  /** In a class of its own, which is loaded only where Spring Security is there. */
  private static final class SecurityTypes {
    private SecurityTypes() {}

    static List<JacksonModule> modules(
        ClassLoader loader, BasicPolymorphicTypeValidator.Builder allowed) {
      return org.springframework.security.jackson.SecurityJacksonModules.getModules(
          loader, allowed);
    }
  }

  /** With their class: Postgres writes 1E10 as 10000000000, which would become an integer. */
  private static final class Doubles extends StdScalarSerializer<Double> {
    Doubles() {
      super(Double.class);
    }

    @Override
    public void serialize(Double value, JsonGenerator to, SerializationContext context) {
      to.writeNumber(value);
    }

    @Override
    public void serializeWithType(
        Double value, JsonGenerator to, SerializationContext context, TypeSerializer types) {
      WritableTypeId id =
          types.writeTypePrefix(to, context, types.typeId(value, JsonToken.VALUE_NUMBER_FLOAT));
      serialize(value, to, context);
      WritableTypeId unused = types.writeTypeSuffix(to, context, id);
    }
  }
}
