package io.howdah.cache;

import io.howdah.Codec;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The statements of caches, on cache.sql. Reads are in {@link CacheRead}. */
final class CacheOperations {
  private CacheOperations() {}

  /** Values to be stored, by the same rules: those of a put, or with a token those of a load. */
  record Storing(
      String cache,
      List<String> keys,
      List<Found> values,
      List<Duration> ttls,
      Duration staleFor,
      List<String> tags,
      @Nullable UUID token) {
    @Nullable CacheKey onlyKey() {
      return keys.size() == 1 ? new CacheKey(cache, keys.get(0)) : null;
    }
  }

  record Claim(String cache, List<String> keys, List<String> tags, UUID token, Duration lease) {}

  record Eviction(String cache, @Nullable String name) {}

  record Keys(String cache, List<String> keys) {}

  record Dependency(String cache, String source, String tag) {}

  record Switch(String cache, boolean enabled) {}

  record Bound(String cache, OptionalLong maxEntries, OptionalLong maxBytes) {}

  enum State {
    CLAIMED,
    PRESENT,
    BUSY
  }

  /** Where a claim stands, by the places of its keys. */
  static final Operation<Claim, List<State>> CLAIM =
      new Write<>(
          "cache_claim",
          "(SELECT string_agg(left(c.state, 1), '' ORDER BY c.place) FROM ${schema}._cache_claim(?, ?, ?, ?::uuid, ?::interval) AS c)") {
        @Override
        public void bind(Claim args, SqlArguments to) throws SQLException {
          to.text(args.cache())
              .texts(args.keys().toArray(String[]::new))
              .texts(args.tags().toArray(String[]::new))
              .text(args.token().toString())
              .interval(micros(args.lease()));
        }

        @Override
        public List<State> read(Claim args, SqlRows rows) throws SQLException {
          List<State> states = new ArrayList<>();
          for (char state : Objects.requireNonNull(rows.text(1)).toCharArray()) {
            states.add(
                switch (state) {
                  case 'c' -> State.CLAIMED;
                  case 'p' -> State.PRESENT;
                  default -> State.BUSY;
                });
          }
          return states;
        }
      };

  static final Operation<Claim, Boolean> RENEW =
      new Write<>("cache_renew", "${schema}._cache_renew(?, ?, ?::uuid, ?::interval)") {
        @Override
        public void bind(Claim args, SqlArguments to) throws SQLException {
          to.text(args.cache())
              .texts(args.keys().toArray(String[]::new))
              .text(args.token().toString())
              .interval(micros(args.lease()));
        }

        @Override
        public Boolean read(Claim args, SqlRows rows) throws SQLException {
          return rows.bool(1);
        }
      };

  static final Operation<Claim, Integer> ABANDON =
      new Write<>("cache_abandon", "${schema}._cache_abandon(?, ?, ?::uuid)") {
        @Override
        public void bind(Claim args, SqlArguments to) throws SQLException {
          to.text(args.cache())
              .texts(args.keys().toArray(String[]::new))
              .text(args.token().toString());
        }

        @Override
        public Integer read(Claim args, SqlRows rows) throws SQLException {
          return (int) rows.int8(1);
        }
      };

  /** The places of what was stored. */
  static final Operation<Storing, Set<Integer>> STORE =
      new Write<>(
          "cache_store",
          "ARRAY(SELECT s::bigint FROM ${schema}._cache_store(?, ?, ?::uuid, ?, ?, ?, ?::interval, ?) AS s)") {
        @Override
        public void bind(Storing args, SqlArguments to) throws SQLException {
          to.text(args.cache())
              .texts(args.keys().toArray(String[]::new))
              .text(Objects.requireNonNull(args.token()).toString());
          bindValues(args, to);
        }

        @Override
        public Set<Integer> read(Storing args, SqlRows rows) throws SQLException {
          Set<Integer> places = new HashSet<>();
          for (long place : rows.int8s(1)) {
            places.add((int) place - 1);
          }
          return places;
        }
      };

  static final Operation<Storing, Boolean> PUT =
      new Write<>("cache_put", "${schema}._cache_put_many(?, ?, ?, ?, ?, ?::interval, ?)") {
        @Override
        public void bind(Storing args, SqlArguments to) throws SQLException {
          to.text(args.cache()).texts(args.keys().toArray(String[]::new));
          bindValues(args, to);
        }

        @Override
        public Boolean read(Storing args, SqlRows rows) {
          return true;
        }

        @Override
        public @Nullable Object orderKey(Storing args) {
          return args.onlyKey();
        }
      };

  /** Whether there was a valid entry. */
  static final Operation<CacheKey, Boolean> EVICT =
      new Write<>("cache_evict", "${schema}.cache_evict(?, ?)") {
        @Override
        public void bind(CacheKey args, SqlArguments to) throws SQLException {
          to.text(args.cache()).text(args.key());
        }

        @Override
        public Boolean read(CacheKey args, SqlRows rows) throws SQLException {
          return rows.bool(1);
        }

        @Override
        public Object orderKey(CacheKey args) {
          return args;
        }
      };

  static final Operation<Keys, Boolean> EVICT_MANY =
      new Write<>("cache_evict", "${schema}._cache_evict_many(?, ?)") {
        @Override
        public void bind(Keys args, SqlArguments to) throws SQLException {
          to.text(args.cache()).texts(args.keys().toArray(String[]::new));
        }

        @Override
        public Boolean read(Keys args, SqlRows rows) {
          return true;
        }
      };

  static final Operation<Eviction, Boolean> EVICT_TAG =
      new Write<>("cache_evict_tag", "${schema}.cache_evict_tag(?, ?)") {
        @Override
        public void bind(Eviction args, SqlArguments to) throws SQLException {
          to.text(args.cache()).text(args.name());
        }

        @Override
        public Boolean read(Eviction args, SqlRows rows) {
          return true;
        }
      };

  static final Operation<Eviction, Boolean> CLEAR =
      new Write<>("cache_clear", "${schema}.cache_clear(?)") {
        @Override
        public void bind(Eviction args, SqlArguments to) throws SQLException {
          to.text(args.cache());
        }

        @Override
        public Boolean read(Eviction args, SqlRows rows) {
          return true;
        }
      };

  static final Operation<Bound, Boolean> BOUND =
      new Write<>("cache_bound", "${schema}.cache_bound(?, ?, ?)") {
        @Override
        public void bind(Bound args, SqlArguments to) throws SQLException {
          to.text(args.cache()).int8(orNull(args.maxEntries())).int8(orNull(args.maxBytes()));
        }

        @Override
        public Boolean read(Bound args, SqlRows rows) {
          return true;
        }
      };

  /** Whether that is new. */
  static final Operation<Switch, Boolean> NOTIFY =
      new Write<>("cache_notify", "${schema}.cache_notify(?, ?)") {
        @Override
        public void bind(Switch args, SqlArguments to) throws SQLException {
          to.text(args.cache()).bool(args.enabled());
        }

        @Override
        public Boolean read(Switch args, SqlRows rows) throws SQLException {
          return rows.bool(1);
        }
      };

  /** Whether it is new; waits for those who write to the table. */
  static final Operation<Dependency, Boolean> DEPENDS_ON =
      new DependencyWrite("cache_depends_on", "${schema}.cache_depends_on(?, to_regclass(?), ?)");

  static final Operation<Dependency, Boolean> DEPENDENCY_DROP =
      new DependencyWrite(
          "cache_dependency_drop", "${schema}.cache_dependency_drop(?, to_regclass(?), ?)");

  private static final class DependencyWrite extends Write<Dependency, Boolean> {
    DependencyWrite(String name, String sql) {
      super(name, sql);
    }

    @Override
    public boolean isLong() {
      return true;
    }

    @Override
    public void bind(Dependency args, SqlArguments to) throws SQLException {
      to.text(args.cache()).text(args.source()).text(args.tag());
    }

    @Override
    public Boolean read(Dependency args, SqlRows rows) throws SQLException {
      return rows.bool(1);
    }
  }

  static final Operation<Boolean, List<CacheInfo>> LIST =
      new Operation<>() {
        @Override
        public String name() {
          return "cache_list";
        }

        @Override
        public boolean isWrite() {
          return false;
        }

        @Override
        public boolean isQuery() {
          return true;
        }

        @Override
        public String sql() {
          return "SELECT c.name, c.entries, c.bytes, c.max_entries, c.max_bytes, c.evicted, c.notifies FROM ${schema}.cache_list() AS c";
        }

        @Override
        public void bind(Boolean none, SqlArguments to) {}

        @Override
        public List<CacheInfo> read(Boolean none, SqlRows rows) throws SQLException {
          List<CacheInfo> caches = new ArrayList<>();
          while (rows.next()) {
            caches.add(
                new CacheInfo(
                    Objects.requireNonNull(rows.text(1)),
                    rows.int8(2),
                    rows.int8(3),
                    orEmpty(rows.int8OrNull(4)),
                    orEmpty(rows.int8OrNull(5)),
                    rows.int8(6),
                    rows.bool(7)));
          }
          return caches;
        }
      };

  private abstract static class Write<A, R extends @Nullable Object> implements Operation<A, R> {
    private final String name;
    private final String sql;

    Write(String name, String sql) {
      this.name = name;
      this.sql = sql;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public boolean isWrite() {
      return true;
    }

    @Override
    public String sql() {
      return sql;
    }
  }

  private static void bindValues(Storing args, SqlArguments to) throws SQLException {
    int size = args.values().size();
    @Nullable String[] documents = new @Nullable String[size];
    byte[] @Nullable [] blobs = new byte[size] @Nullable [];
    @Nullable Long[] ttls = new @Nullable Long[size];
    for (int i = 0; i < size; i++) {
      Codec.Encoded value = args.values().get(i).value();
      documents[i] = value == null ? null : value.json();
      blobs[i] = value == null ? null : value.bytes();
      ttls[i] = micros(args.ttls().get(i));
    }
    to.texts(documents)
        .blobs(blobs)
        .intervals(ttls)
        .interval(micros(args.staleFor()))
        .texts(args.tags().toArray(String[]::new));
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1_000;
  }

  private static @Nullable Long orNull(OptionalLong number) {
    return number.isPresent() ? number.getAsLong() : null;
  }

  private static OptionalLong orEmpty(@Nullable Long number) {
    return number == null ? OptionalLong.empty() : OptionalLong.of(number);
  }
}
