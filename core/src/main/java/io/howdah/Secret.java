package io.howdah;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The secrets by which sessions and one-time tokens are known: 256 random bits, handed out once, as
 * 43 characters of base64url. The database stores the SHA-256 of these characters and is sent
 * nothing else, so that neither a copy of it nor its log has a secret in it.
 */
public final class Secret {
  private static final int BYTES = 32;

  /** The last character has 4 bits. */
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]");

  private static final SecureRandom RANDOM = new SecureRandom();

  private Secret() {}

  /** A new one. */
  public static String make() {
    byte[] bits = new byte[BYTES];
    RANDOM.nextBytes(bits);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
  }

  /** Whether a text has the form of a secret. */
  public static boolean isWellFormed(String text) {
    return FORM.matcher(text).matches();
  }

  /**
   * What the database knows of a secret.
   *
   * @throws InvalidArgumentException naming the argument and not showing it, when it has not the
   *     form of a secret
   */
  public static byte[] hash(String argument, @Nullable String secret) {
    if (secret == null || !isWellFormed(secret)) {
      throw new InvalidArgumentException(
          argument,
          argument
              + ": one of 43 characters of base64url expected, got "
              + (secret == null
                  ? "null"
                  : secret.length() == 43 ? "others" : secret.length() + " characters"));
    }
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(secret.getBytes(StandardCharsets.US_ASCII));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
