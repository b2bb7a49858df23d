package io.howdah.bench.session;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** What each session holds: a user, roles, and letters that make it as large as was asked for. */
final class Attributes {

  static final String USER = "user";
  static final String ROLES = "roles";
  static final String NOTE = "note";
  static final String VISITS = "visits";

  /** What a session has as JSON besides its note, in bytes. */
  static final int LEAST_BYTES = 80;

  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  private final String note;

  /**
   * @param bytes about how many bytes the attributes are as JSON, at least {@link #LEAST_BYTES}
   */
  Attributes(int bytes) {
    // Letters without a pattern: a store that compresses must not look good on a row of x.
    SplittableRandom random = new SplittableRandom(bytes);
    StringBuilder letters = new StringBuilder();
    for (int i = LEAST_BYTES; i < bytes; i++) {
      letters.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    note = letters.toString();
  }

  static String user(int session) {
    return String.format("user-%08d", session);
  }

  /** Of types that Java's own serialization takes. */
  Map<String, Object> of(int session) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put(USER, user(session));
    all.put(ROLES, new ArrayList<>(List.of("customer", "reviewer")));
    all.put(NOTE, note);
    return all;
  }

  /** Whether an answer is that of this session. */
  static boolean areOf(int session, Object user, Object roles) {
    return user(session).equals(user) && roles instanceof List<?> list && list.size() == 2;
  }
}
