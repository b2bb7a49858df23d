package io.howdah.preference;

import io.howdah.Durability;
import io.howdah.engine.Batch;
import io.howdah.engine.JoinedTexts;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Every statement of preferences, on preference.sql.
 *
 * @param order what calls have in common that take effect in their order; null when nothing
 * @param ownBatch how calls share a statement; null when each has its own
 */
record PreferenceOperation<A, R extends @Nullable Object>(
    String name,
    boolean isWrite,
    String sql,
    Function<A, @Nullable Object> order,
    Binder<A> binder,
    Reader<R> reader,
    @Nullable Batch<A, R> ownBatch)
    implements Operation<A, R> {

  /** Binds the arguments. */
  interface Binder<A> {
    void bind(A args, SqlArguments to) throws SQLException;
  }

  /** Reads the answer. */
  interface Reader<R extends @Nullable Object> {
    R read(SqlRows rows) throws SQLException;
  }

  /** Whose preferences: a user's, or with a prefix that says so, a layer's. */
  record Owner(String layer, String name) {
    static final Owner SYSTEM = new Owner("system", "");

    static Owner user(String id) {
      return new Owner("user", id);
    }

    static Owner group(String name) {
      return new Owner("group", name);
    }
  }

  record Place(Owner owner, String key) {}

  record Change(Owner owner, String key, String json) {}

  record Question(Owner owner, List<String> groups) {
    /** Whose layers it asks. */
    List<Owner> owners() {
      List<Owner> all = new ArrayList<>(List.of(Owner.SYSTEM, owner));
      groups.forEach(group -> all.add(Owner.group(group)));
      return all;
    }
  }

  record Search(String key, String json, String after, int maxRows) {}

  /** A row of preference_effective. */
  record Layered(String key, String json, PreferenceOrigin origin, Optional<String> group) {}

  static final PreferenceOperation<Place, @Nullable String> GET =
      new PreferenceOperation<>(
          "preference_get",
          false,
          "SELECT ${schema}.preference_get(?, ?)",
          Place::owner,
          (args, to) -> to.text(args.owner().name()).text(args.key()),
          rows -> rows.next() ? rows.text(1) : null,
          new ReadBatch());

  static final PreferenceOperation<Change, Boolean> SET =
      set("preference_set", "?, ", (args, to) -> to.text(args.owner().name()));

  static final PreferenceOperation<Change, Boolean> GROUP_SET =
      set("preference_group_set", "?, ", (args, to) -> to.text(args.owner().name()));

  static final PreferenceOperation<Change, Boolean> SYSTEM_SET =
      set("preference_system_set", "", (args, to) -> {});

  static final PreferenceOperation<Place, Boolean> UNSET = unset("preference_unset", true);
  static final PreferenceOperation<Place, Boolean> GROUP_UNSET =
      unset("preference_group_unset", true);
  static final PreferenceOperation<Place, Boolean> SYSTEM_UNSET =
      unset("preference_system_unset", false);

  static final PreferenceOperation<Owner, List<Preference>> ALL = all("preference_all", true);
  static final PreferenceOperation<Owner, List<Preference>> GROUP_ALL =
      all("preference_group_all", true);
  static final PreferenceOperation<Owner, List<Preference>> SYSTEM_ALL =
      all("preference_system_all", false);

  static final PreferenceOperation<Owner, Boolean> FORGET = forget("preference_forget");
  static final PreferenceOperation<Owner, Boolean> GROUP_FORGET = forget("preference_group_forget");

  static final PreferenceOperation<Question, List<Layered>> EFFECTIVE =
      new PreferenceOperation<>(
          "preference_effective",
          false,
          "SELECT e.key, e.value, e.origin FROM ${schema}.preference_effective(?, ?) AS e",
          Question::owner,
          (args, to) -> to.text(args.owner().name()).texts(args.groups().toArray(String[]::new)),
          PreferenceOperation::layered,
          null);

  /** Whether that is new. */
  static final PreferenceOperation<Boolean, Boolean> NOTIFY =
      new PreferenceOperation<>(
          "preference_notify",
          true,
          "${schema}.preference_notify(?)",
          args -> null,
          (enabled, to) -> to.bool(enabled),
          rows -> rows.bool(1),
          null);

  static final PreferenceOperation<Search, List<String>> FIND =
      new PreferenceOperation<>(
          "preference_find",
          false,
          "SELECT f.user_id FROM ${schema}.preference_find(?, ?::jsonb, ?, ?) AS f",
          args -> null,
          (args, to) ->
              to.text(args.key()).text(args.json()).text(args.after()).int4(args.maxRows()),
          rows -> {
            List<String> users = new ArrayList<>();
            while (rows.next()) {
              users.add(Objects.requireNonNull(rows.text(1)));
            }
            return users;
          },
          null);

  private static PreferenceOperation<Change, Boolean> set(
      String function, String first, Binder<Change> owner) {
    return new PreferenceOperation<>(
        function,
        true,
        "${schema}." + function + "(" + first + "?, ?::jsonb)",
        Change::owner,
        (args, to) -> {
          owner.bind(args, to);
          to.text(args.key()).text(args.json());
        },
        rows -> true,
        null);
  }

  private static PreferenceOperation<Place, Boolean> unset(String function, boolean named) {
    return new PreferenceOperation<>(
        function,
        true,
        "${schema}." + function + (named ? "(?, ?)" : "(?)"),
        Place::owner,
        (args, to) -> {
          if (named) {
            to.text(args.owner().name());
          }
          to.text(args.key());
        },
        rows -> rows.bool(1),
        null);
  }

  private static PreferenceOperation<Owner, List<Preference>> all(String function, boolean named) {
    return new PreferenceOperation<>(
        function,
        false,
        "SELECT p.key, p.value, p.updated_at FROM ${schema}."
            + function
            + (named ? "(?)" : "()")
            + " AS p",
        owner -> owner,
        (owner, to) -> {
          if (named) {
            to.text(owner.name());
          }
        },
        PreferenceOperation::stored,
        null);
  }

  private static PreferenceOperation<Owner, Boolean> forget(String function) {
    return new PreferenceOperation<>(
        function,
        true,
        "${schema}." + function + "(?)",
        owner -> owner,
        (owner, to) -> to.text(owner.name()),
        rows -> rows.bool(1),
        null);
  }

  private static List<Preference> stored(SqlRows rows) throws SQLException {
    List<Preference> found = new ArrayList<>();
    while (rows.next()) {
      Instant updatedAt = Objects.requireNonNull(rows.instant(3));
      found.add(
          new Preference(
              Objects.requireNonNull(rows.text(1)),
              Objects.requireNonNull(rows.text(2)),
              updatedAt));
    }
    return found;
  }

  private static List<Layered> layered(SqlRows rows) throws SQLException {
    List<Layered> found = new ArrayList<>();
    while (rows.next()) {
      String key = Objects.requireNonNull(rows.text(1));
      String json = Objects.requireNonNull(rows.text(2));
      String origin = Objects.requireNonNull(rows.text(3));
      found.add(
          switch (origin) {
            case "user" -> new Layered(key, json, PreferenceOrigin.USER, Optional.empty());
            case "system" -> new Layered(key, json, PreferenceOrigin.SYSTEM, Optional.empty());
            default ->
                new Layered(
                    key,
                    json,
                    PreferenceOrigin.GROUP,
                    Optional.of(origin.substring("group:".length())));
          });
    }
    return found;
  }

  /** A write is a call of one function, a read a whole query. */
  @Override
  public boolean isQuery() {
    return !isWrite;
  }

  @Override
  public void bind(A args, SqlArguments to) throws SQLException {
    binder.bind(args, to);
  }

  @Override
  public R read(A args, SqlRows rows) throws SQLException {
    return reader.read(rows);
  }

  @Override
  public @Nullable Object orderKey(A args) {
    return order.apply(args);
  }

  @Override
  public @Nullable Batch<A, R> batch() {
    return ownBatch;
  }

  /** Reads for many callers. */
  private static final class ReadBatch implements Batch<Place, @Nullable String> {
    /** About how much an answer may bring; a larger value comes alone. */
    private static final int ANSWER_BYTES = 4 << 20;

    @Override
    public String sql(Durability level) {
      return "SELECT * FROM ${schema}._preference_batch_get(?, ?, ?, ?)";
    }

    @Override
    public Object key(Place args) {
      return args;
    }

    @Override
    public int weight(Place args) {
      return args.owner().name().length() + args.key().length();
    }

    @Override
    public Place merge(Place earlier, Place later) {
      return earlier;
    }

    @Override
    public void bind(List<Place> calls, SqlArguments to) throws SQLException {
      JoinedTexts.bind(calls, call -> call.owner().name(), Place::key, to);
      to.int4(ANSWER_BYTES / calls.size());
    }

    /** A call whose value is too large has no answer, and so is made again, singly. */
    @Override
    public void read(List<Place> calls, SqlRows rows, Answers<@Nullable String> answers)
        throws SQLException {
      boolean[] present = new boolean[calls.size()];
      while (rows.next()) {
        int position = (int) rows.int8(1) - 1;
        present[position] = true;
        String json = rows.text(2);
        if (json != null) {
          answers.byPosition(position, json);
        }
      }
      for (int i = 0; i < present.length; i++) {
        if (!present[i]) {
          answers.byPosition(i, null);
        }
      }
    }
  }
}
