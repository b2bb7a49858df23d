package io.howdah.jcache;

import java.util.Objects;
import javax.cache.CacheException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** JSON by Jackson. What is read is of the type that the cache is configured with. */
final class JsonSerializer implements Serializer {
  private final ObjectMapper mapper = JsonMapper.builder().build();

  @Override
  public byte[] write(Object value) {
    try {
      return mapper.writeValueAsBytes(value);
    } catch (JacksonException e) {
      throw new CacheException("cannot write a " + value.getClass().getName() + " as JSON", e);
    }
  }

  @Override
  public Object read(byte[] bytes, Class<?> type) {
    try {
      return Objects.requireNonNull(mapper.readValue(bytes, type));
    } catch (JacksonException e) {
      throw new CacheException("cannot read a " + type.getName() + " from its JSON", e);
    }
  }
}
