package io.howdah.server.http;

import io.howdah.InvalidArgumentException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Decodes parts of a URL: UTF-8 in percent-encoding, and nothing but that, so that a key is stored
 * as it was meant or not at all.
 */
final class PercentDecoding {
  private PercentDecoding() {}

  /** A part of the path. */
  static String path(String argument, String raw) {
    return decode(argument, raw, false);
  }

  /** A part of the query, where + is a space. */
  static String query(String argument, String raw) {
    return decode(argument, raw, true);
  }

  private static String decode(String argument, String raw, boolean plusIsSpace) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '%') {
        if (i + 2 >= raw.length()
            || !HexFormat.isHexDigit(raw.charAt(i + 1))
            || !HexFormat.isHexDigit(raw.charAt(i + 2))) {
          throw refuse(argument, "a % that no two hexadecimal digits follow; % itself is %25");
        }
        bytes.write(HexFormat.fromHexDigits(raw, i + 1, i + 3));
        i += 2;
      } else if (c == '+' && plusIsSpace) {
        bytes.write(' ');
      } else if (c < 0x80) {
        bytes.write(c);
      } else if (c == '\uFFFD') {
        throw refuse(
            argument,
            "bytes that are no UTF-8"); // what the server makes of them; the character itself comes
        // encoded
      } else {
        int end = Character.isHighSurrogate(c) && i + 1 < raw.length() ? i + 2 : i + 1;
        bytes.writeBytes(raw.substring(i, end).getBytes(StandardCharsets.UTF_8));
        i = end - 1;
      }
    }
    String text;
    try {
      text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.toByteArray()))
              .toString();
    } catch (CharacterCodingException e) {
      throw refuse(argument, "bytes that are no UTF-8");
    }
    int zero = text.indexOf(0);
    if (zero >= 0) {
      throw refuse(argument, "the character U+0000, which Postgres cannot store, at index " + zero);
    }
    return text;
  }

  private static InvalidArgumentException refuse(String argument, String found) {
    return new InvalidArgumentException(
        argument, argument + ": percent-encoded UTF-8 expected, found " + found);
  }
}
