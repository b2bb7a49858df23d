package io.howdah.spring.cache;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DefaultTyping;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.type.CollectionType;
import tools.jackson.databind.type.MapType;

/**
 * JSON of keys, which is never read: their class and their fields, since those are what makes two
 * of them different. Sets and maps without an order have none that is the same everywhere.
 */
final class KeyJson {
  private static final ObjectWriter WRITER =
      JsonMapper.builder()
          .activateDefaultTyping(
              BasicPolymorphicTypeValidator.builder().build(),
              DefaultTyping.NON_FINAL,
              JsonTypeInfo.As.PROPERTY)
          .changeDefaultVisibility(checker ->
              checker
                  .withVisibility(PropertyAccessor.ALL, Visibility.NONE)
                  .withVisibility(PropertyAccessor.FIELD, Visibility.ANY))
          .addModule(new SimpleModule("howdah-keys").setSerializerModifier(new Ordered()))
          .build()
          .writerFor(Object.class);

  private KeyJson() {}

  /**
   * The JSON of a key.
   *
   * @throws IllegalArgumentException when it has none that is the same in each process
   */
  static String of(Object key) {
    try {
      return WRITER.writeValueAsString(key);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "a key of a cache: %s has no text that is the same everywhere (%s); make a text of it, by key = \"...\""
              .formatted(key.getClass().getName(), e.getOriginalMessage()),
          e);
    }
  }

  private static final class Ordered extends ValueSerializerModifier {
    private static final long serialVersionUID = 1;

    @Override
    public ValueSerializer<?> modifyCollectionSerializer(
        SerializationConfig config,
        CollectionType type,
        BeanDescription.Supplier bean,
        ValueSerializer<?> serializer) {
      Class<?> raw = type.getRawClass();
      boolean ordered =
          !Set.class.isAssignableFrom(raw)
              || SortedSet.class.isAssignableFrom(raw)
              || EnumSet.class.isAssignableFrom(raw);
      return ordered ? serializer : new Unordered();
    }

    @Override
    public ValueSerializer<?> modifyMapSerializer(
        SerializationConfig config,
        MapType type,
        BeanDescription.Supplier bean,
        ValueSerializer<?> serializer) {
      Class<?> raw = type.getRawClass();
      boolean ordered =
          SortedMap.class.isAssignableFrom(raw) || EnumMap.class.isAssignableFrom(raw);
      return ordered ? serializer : new Unordered();
    }
  }

  private static final class Unordered extends StdSerializer<Object> {
    Unordered() {
      super(Object.class);
    }

    @Override
    public void serialize(Object value, JsonGenerator to, SerializationContext context) {
      throw new IllegalArgumentException("a " + value.getClass().getName() + " is in no order");
    }

    @Override
    public void serializeWithType(
        Object value, JsonGenerator to, SerializationContext context, TypeSerializer types) {
      serialize(value, to, context);
    }
  }
}
