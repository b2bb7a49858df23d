package io.howdah.token;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.TypeRef;
import java.lang.reflect.Type;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/** What a token was issued for. */
public final class TokenGrant {
  private final String subject;
  private final String json;
  private final ObjectMapper mapper;

  TokenGrant(String subject, String json, ObjectMapper mapper) {
    this.subject = subject;
    this.json = json;
    this.mapper = mapper;
  }

  /** Whom it is about. */
  public String subject() {
    return subject;
  }

  /**
   * What was given along with it; {@code {}} where nothing was.
   *
   * @throws HowdahException with {@link ErrorCode#CODEC} when it cannot be read as this class
   */
  @SuppressWarnings("unchecked") // Jackson makes what the class says; a primitive cannot be cast to
  public <T> T payload(Class<T> type) {
    return (T) read(type);
  }

  /** {@link #payload(Class)} of a generic type. */
  @SuppressWarnings("unchecked") // Jackson makes what the type says
  public <T> T payload(TypeRef<T> type) {
    return (T) read(type.type());
  }

  /** The payload as the JSON that Postgres has. */
  public String json() {
    return json;
  }

  private Object read(Type type) {
    try {
      Object value = mapper.readValue(json, mapper.constructType(type));
      if (value == null) {
        throw new HowdahException(ErrorCode.CODEC, "the payload is null");
      }
      return value;
    } catch (JacksonException e) {
      throw new HowdahException(
          ErrorCode.CODEC,
          "cannot read the payload as " + type.getTypeName() + ": " + e.getOriginalMessage(),
          e);
    }
  }

  /** Without the payload. */
  @Override
  public String toString() {
    return "TokenGrant[subject=" + subject + "]";
  }
}
