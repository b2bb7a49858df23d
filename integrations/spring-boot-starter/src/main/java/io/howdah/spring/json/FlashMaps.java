package io.howdah.spring.json;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.web.servlet.FlashMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.type.WritableTypeId;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * Flash attributes of Spring MVC: a map that knows for which request it is, which Jackson would
 * forget.
 */
final class FlashMaps {
  private FlashMaps() {}

  static void allow(BasicPolymorphicTypeValidator.Builder allowed) {
    var unused = allowed.allowIfSubType(FlashMap.class);
  }

  static JacksonModule module() {
    return new SimpleModule("howdah-flash-maps")
        .addSerializer(new Writer())
        .addDeserializer(FlashMap.class, new Reader());
  }

  /** As an array: a map of these names, typed as any other. */
  private static final class Writer extends StdSerializer<FlashMap> {
    Writer() {
      super(FlashMap.class);
    }

    @Override
    public void serialize(FlashMap map, JsonGenerator to, SerializationContext context) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("attributes", new LinkedHashMap<>(map));
      if (map.getTargetRequestPath() != null) {
        all.put("path", map.getTargetRequestPath());
      }
      all.put("params", new LinkedHashMap<>(map.getTargetRequestParams()));
      all.put("expires", map.getExpirationTime());
      to.writeStartArray();
      context.findTypedValueSerializer(LinkedHashMap.class, true).serialize(all, to, context);
      to.writeEndArray();
    }

    @Override
    public void serializeWithType(
        FlashMap map, JsonGenerator to, SerializationContext context, TypeSerializer types) {
      WritableTypeId id =
          types.writeTypePrefix(to, context, types.typeId(map, JsonToken.VALUE_EMBEDDED_OBJECT));
      serialize(map, to, context);
      WritableTypeId unused = types.writeTypeSuffix(to, context, id);
    }
  }

  private static final class Reader extends StdDeserializer<FlashMap> {
    Reader() {
      super(FlashMap.class);
    }

    @Override
    public FlashMap deserialize(JsonParser from, DeserializationContext context) {
      JsonToken unused = from.nextToken();
      Map<?, ?> all = (Map<?, ?>) context.readValue(from, Object.class);
      if (from.nextToken() != JsonToken.END_ARRAY) {
        throw context.wrongTokenException(from, FlashMap.class, JsonToken.END_ARRAY, "one map");
      }
      FlashMap map = new FlashMap();
      ((Map<?, ?>) part(all, "attributes")).forEach((name, value) -> map.put((String) name, value));
      map.setTargetRequestPath((String) all.get("path"));
      LinkedMultiValueMap<String, String> params = new LinkedMultiValueMap<>();
      ((Map<?, ?>) part(all, "params"))
          .forEach((name, values) ->
              ((List<?>) values).forEach(value -> params.add((String) name, (String) value)));
      map.addTargetRequestParams(params);
      map.setExpirationTime(((Number) part(all, "expires")).longValue());
      return map;
    }

    private static Object part(Map<?, ?> all, String name) {
      return Objects.requireNonNull(all.get(name), name);
    }

    @Override
    public Object deserializeWithType(
        JsonParser from, DeserializationContext context, TypeDeserializer types) {
      return types.deserializeTypedFromAny(from, context);
    }
  }
}
