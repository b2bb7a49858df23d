package io.howdah.spring.session;

import io.howdah.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Ids for sessions whose token nobody here knows. A handle alone must open nothing, since it is
 * shown to users; so it is signed by a key that this process has made.
 */
final class HandleIds {
  /** Whose session, and which. */
  record Named(String userId, UUID handle) {}

  private static final String ALGORITHM = "HmacSHA256";
  private static final String MARK = "@";

  private final SecretKeySpec key =
      new SecretKeySpec(Secret.make().getBytes(StandardCharsets.US_ASCII), ALGORITHM);

  String of(String userId, UUID handle) {
    String named =
        MARK
            + Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(userId.getBytes(StandardCharsets.UTF_8))
            + "."
            + handle;
    return named + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(sign(named));
  }

  /** What was signed here; empty for any other text. */
  Optional<Named> read(String id) {
    int signed = id.lastIndexOf('.');
    if (!id.startsWith(MARK) || signed < 0) {
      return Optional.empty();
    }
    String named = id.substring(0, signed);
    byte[] given;
    try {
      given = Base64.getUrlDecoder().decode(id.substring(signed + 1));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (!MessageDigest.isEqual(sign(named), given)) {
      return Optional.empty();
    }
    int dot = named.indexOf('.');
    byte[] user = Base64.getUrlDecoder().decode(named.substring(MARK.length(), dot));
    return Optional.of(
        new Named(
            new String(user, StandardCharsets.UTF_8), UUID.fromString(named.substring(dot + 1))));
  }

  private byte[] sign(String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
