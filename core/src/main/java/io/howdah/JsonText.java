package io.howdah;

/**
 * Reads a JSON text once, before it goes to the database: what passes here, Postgres stores as
 * {@code jsonb}. That is RFC 8259 without U+0000, without halves of surrogate pairs, and with
 * numbers that {@code numeric} holds.
 */
public final class JsonText {
  /** How deep arrays and objects may be in each other: as deep as Jackson reads them. */
  private static final int DEEPEST = 500;

  private static final int MOST_WHOLE_DIGITS = 131_072;
  private static final int MOST_DECIMALS = 16_383;

  private final String argument;
  private final String text;
  private int at;

  /** How many bytes Postgres makes of what has been read: spaces its own, numbers in full. */
  private long written;

  /** How many more bytes than characters have been read. */
  private long beyondAscii;

  /** A bit for each level that has been entered: whether it is an object. */
  private final long[] objects = new long[DEEPEST / 64 + 1];

  private int depth;

  private JsonText(String argument, String text) {
    this.argument = argument;
    this.text = text;
  }

  /**
   * How many bytes a text has that is exactly one JSON value: as it is, or as Postgres writes it,
   * whichever is more. {@code 1e1000} has 1,001.
   *
   * @throws InvalidArgumentException naming the argument, when Postgres would not take it
   */
  public static long size(String argument, String json) {
    JsonText text = new JsonText(argument, json);
    text.readOne();
    return Math.max(text.written, json.length() + text.beyondAscii);
  }

  private void readOne() {
    do {
      beginValue();
      endValues();
    } while (depth > 0);
    skipSpace();
    if (at < text.length()) {
      throw new InvalidArgumentException(
          argument, argument + ": one JSON value expected, more follows it at index " + at);
    }
  }

  /** Reads a value; of an array or object the beginning, up to its first value if it has one. */
  private void beginValue() {
    while (true) {
      skipSpace();
      char c = next("a value");
      if (c == '[' || c == '{') {
        boolean object = c == '{';
        enter(object);
        skipSpace();
        if (peek() == (object ? '}' : ']')) {
          at++;
          leave();
          return;
        }
        if (object) {
          name();
        }
      } else {
        scalar(c);
        return;
      }
    }
  }

  private void scalar(char first) {
    switch (first) {
      case '"' -> string();
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> {
        at--;
        number();
      }
    }
  }

  /** A value has ended: reads on to the next one in its array or object, or to where they end. */
  private void endValues() {
    while (depth > 0) {
      skipSpace();
      char c = next("a comma or the end");
      if (c == ',') {
        written += 2;
        if (inObject()) {
          skipSpace();
          name();
        }
        return;
      }
      if (c != (inObject() ? '}' : ']')) {
        at--;
        throw malformed("a comma or " + (inObject() ? '}' : ']'));
      }
      leave();
    }
  }

  private void enter(boolean object) {
    if (depth == DEEPEST) {
      throw new InvalidArgumentException(
          argument,
          argument + ": at most " + DEEPEST + " arrays and objects in each other expected");
    }
    long bit = 1L << (depth & 63);
    objects[depth >> 6] = object ? objects[depth >> 6] | bit : objects[depth >> 6] & ~bit;
    depth++;
    written++;
  }

  private void leave() {
    depth--;
    written++;
  }

  private boolean inObject() {
    int level = depth - 1;
    return (objects[level >> 6] & 1L << (level & 63)) != 0;
  }

  private void name() {
    if (next("a name in quotes") != '"') {
      at--;
      throw malformed("a name in quotes");
    }
    string();
    skipSpace();
    if (next("a colon") != ':') {
      at--;
      throw malformed("a colon");
    }
    written += 2;
  }

  /** The opening quote has been read. */
  private void string() {
    written += 2;
    while (true) {
      char c = next("a quote at the end of the string");
      if (c == '"') {
        return;
      } else if (c == '\\') {
        escape();
      } else if (c < 0x20) {
        at--;
        throw malformed("an escape for the control character");
      } else if (c < 0x80) {
        written++;
      } else if (c < 0x800) {
        written += 2;
        beyondAscii++;
      } else if (!Character.isSurrogate(c)) {
        written += 3;
        beyondAscii += 2;
      } else if (Character.isHighSurrogate(c) && Character.isLowSurrogate(peek())) {
        at++;
        written += 4;
        beyondAscii += 2;
      } else {
        throw halfOfAPair(at - 1);
      }
    }
  }

  private void escape() {
    int start = at - 1;
    char c = next("a character behind the backslash");
    switch (c) {
      case '"', '\\', 'b', 'f', 'n', 'r', 't' -> written += 2;
      case '/' -> written++;
      case 'u' -> {
        char unit = hexadecimal();
        if (unit == 0) {
          throw new InvalidArgumentException(
              argument,
              argument
                  + ": Postgres cannot store the character U+0000, found in the JSON at index "
                  + start);
        } else if (unit < 0x20) {
          written += 6;
        } else if (unit < 0x80) {
          written += unit == '"' || unit == '\\' ? 2 : 1;
        } else if (unit < 0x800) {
          written += 2;
        } else if (!Character.isSurrogate(unit)) {
          written += 3;
        } else if (Character.isHighSurrogate(unit)
            && text.startsWith("\\u", at)
            && Character.isLowSurrogate(secondOfAPair())) {
          written += 4;
        } else {
          throw halfOfAPair(start);
        }
      }
      default -> {
        at--;
        throw malformed("one of \"\\/bfnrtu behind the backslash");
      }
    }
  }

  private char secondOfAPair() {
    at += 2;
    return hexadecimal();
  }

  private char hexadecimal() {
    int unit = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(peek(), 16);
      if (digit < 0 || peek() > 'f') {
        throw malformed("four hexadecimal digits");
      }
      unit = unit << 4 | digit;
      at++;
    }
    return (char) unit;
  }

  private void number() {
    int start = at;
    if (peek() == '-') {
      at++;
      written++;
    }
    boolean zero = peek() == '0';
    int whole = digits(start == at ? "a value" : "a digit");
    if (zero && whole > 1) {
      at -= whole - 1;
      throw malformed("no digit behind a leading zero");
    }
    int decimals = 0;
    if (peek() == '.') {
      at++;
      decimals = digits("a digit");
    }
    int exponent = 0;
    if (peek() == 'e' || peek() == 'E') {
      at++;
      exponent = exponent();
    }
    int wholeWritten = Math.max(1, whole + exponent);
    int decimalsWritten = Math.max(0, decimals - exponent);
    if (wholeWritten > MOST_WHOLE_DIGITS || decimalsWritten > MOST_DECIMALS) {
      throw new InvalidArgumentException(
          argument,
          argument
              + ": Postgres stores numbers of at most "
              + MOST_WHOLE_DIGITS
              + " digits and "
              + MOST_DECIMALS
              + " decimals, found a longer one in the JSON at index "
              + start);
    }
    written += wholeWritten + (decimalsWritten == 0 ? 0 : 1 + decimalsWritten);
  }

  private int exponent() {
    boolean negative = peek() == '-';
    if (negative || peek() == '+') {
      at++;
    }
    int start = at;
    int value = 0;
    for (int i = start, end = start + digits("a digit"); i < end; i++) {
      value = Math.min(value * 10 + (text.charAt(i) - '0'), 10_000_000);
    }
    return negative ? -value : value;
  }

  /** How many digits there are, at least one. */
  private int digits(String expected) {
    int start = at;
    while (peek() >= '0' && peek() <= '9') {
      at++;
    }
    if (at == start) {
      throw malformed(expected);
    }
    return at - start;
  }

  private void word(String word) {
    at--;
    if (!text.startsWith(word, at)) {
      throw malformed("a value");
    }
    at += word.length();
    written += word.length();
  }

  private void skipSpace() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
        return;
      }
      at++;
    }
  }

  private char next(String expected) {
    if (at == text.length()) {
      throw malformed(expected);
    }
    return text.charAt(at++);
  }

  /** The next character; U+0000, which never fits, at the end. */
  private char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  private InvalidArgumentException halfOfAPair(int index) {
    return new InvalidArgumentException(
        argument, argument + ": half of a surrogate pair found in the JSON at index " + index);
  }

  private InvalidArgumentException malformed(String expected) {
    String found =
        at >= text.length()
            ? "where the text ends"
            : String.format("got U+%04X at index %d", text.codePointAt(at), at);
    return new InvalidArgumentException(
        argument, argument + ": malformed JSON: " + expected + " expected, " + found);
  }
}
