package io.howdah.token;

import io.howdah.Arguments;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.JsonText;
import io.howdah.Secret;
import io.howdah.token.TokenOperation.Found;
import io.howdah.token.TokenOperation.Issue;
import io.howdah.token.TokenOperation.Subject;
import io.howdah.token.TokenOperation.Use;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/** Makes checked arguments of what callers give, and grants of what is stored. */
final class TokenShape {
  private static final int PURPOSE_BYTES = 64;
  private static final int SUBJECT_BYTES = 1_024;
  private static final int PAYLOAD_BYTES = 65_536;

  private final ObjectMapper mapper;

  TokenShape(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  Issue issue(String token, String purpose, String subject, @Nullable Duration ttl, String json) {
    long size = JsonText.size("payload", json);
    if (size > PAYLOAD_BYTES) {
      throw new InvalidArgumentException(
          "payload", "payload: at most " + PAYLOAD_BYTES + " bytes expected, got " + size);
    }
    return new Issue(
        Secret.hash("token", token),
        purpose(purpose),
        subject(subject),
        Arguments.micros("ttl", ttl),
        json);
  }

  String json(@Nullable Object payload) {
    try {
      return mapper.writeValueAsString(payload);
    } catch (JacksonException e) {
      throw new HowdahException(
          ErrorCode.CODEC, "cannot write the payload as JSON: " + e.getOriginalMessage(), e);
    }
  }

  static Use use(String purpose, String token) {
    return new Use(purpose(purpose), Secret.hash("token", token));
  }

  static Subject of(String purpose, String subject) {
    return new Subject(purpose(purpose), subject(subject));
  }

  private static String purpose(String purpose) {
    return Arguments.text("purpose", purpose, PURPOSE_BYTES);
  }

  private static String subject(String subject) {
    return Arguments.text("subject", subject, SUBJECT_BYTES);
  }

  Optional<TokenGrant> grant(@Nullable Found found) {
    return Optional.ofNullable(found).map(f -> new TokenGrant(f.subject(), f.payload(), mapper));
  }
}
