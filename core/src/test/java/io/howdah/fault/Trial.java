package io.howdah.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Wipe;
import io.howdah.fault.Checker.Place;
import io.howdah.fault.History.Outcome;
import io.howdah.kv.KeyValueStore;
import io.howdah.testing.Eventually;
import io.howdah.testing.PrivatePostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A load on a namespace of each durability level of a server that something happens to, and
 * afterwards the question whether every promise was kept.
 */
final class Trial implements AutoCloseable {
  static final Duration DEADLINE = Duration.ofSeconds(3);

  /**
   * How much later than at its deadline a call may end here: the engine's own grace is 0.1 s, the
   * rest is for a machine that is busy with the load.
   */
  static final Duration GRACE = Duration.ofSeconds(4);

  static final int LANES = 8;

  /** More of everything, with {@code -Dhowdah.long=true}. */
  static final boolean LONG_FORM = Boolean.getBoolean("howdah.long");

  /** What a caller may be told of a fault that is not its own. */
  private static final List<String> TYPED =
      Stream.of(ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT, ErrorCode.LOCKED)
          .map(ErrorCode::name)
          .toList();

  private final PrivatePostgres postgres;
  private final String schema;
  private final Map<String, Durability> levels = new LinkedHashMap<>();
  private final List<Wipe> wipes = new CopyOnWriteArrayList<>();
  private final long wipesBefore;
  private final Duration deadline;
  private IntSupplier connections = () -> backends().size();
  private boolean stopped;

  final History history = new History();
  final Howdah howdah;
  final Load load;

  /**
   * Opens Howdah, and starts the load.
   *
   * @param name of the schema, the namespaces and the connections
   * @param port where it reaches the server
   */
  Trial(PrivatePostgres postgres, int port, String name, Load.Size size) {
    this(postgres, port, name, name, size, DEADLINE, 1, builder -> builder, "");
  }

  /**
   * The same with more to choose.
   *
   * @param name of the namespaces
   * @param seed what the load does depends on it
   * @param parameters for the URL
   */
  Trial(
      PrivatePostgres postgres,
      int port,
      String schema,
      String name,
      Load.Size size,
      Duration deadline,
      long seed,
      UnaryOperator<Howdah.Builder> settings,
      String parameters) {
    this.postgres = postgres;
    this.schema = schema;
    this.deadline = deadline;
    Howdah.Builder builder =
        Howdah.builder(postgres.urlAt(port) + "&ApplicationName=" + schema + parameters)
            .schema(schema)
            .lanes(LANES)
            .callTimeout(deadline)
            .wipeCheckInterval(Duration.ofMillis(200));
    this.howdah = settings.apply(builder).open();
    howdah.onWipe(wipes::add);
    for (Durability level : Durability.values()) {
      String namespace = name + "-" + level.name().toLowerCase(Locale.ROOT);
      howdah.namespaces().create(namespace, level);
      levels.put(namespace, level);
    }
    this.wipesBefore = wipesFound();
    this.load = new Load(howdah, List.copyOf(levels.keySet()), history, size, 1);
    load.start(seed);
  }

  /** Counts its connections in another way: behind a pooler those of the server are not its own. */
  void countConnectionsBy(IntSupplier count) {
    connections = count;
  }

  String schema() {
    return schema;
  }

  String namespace(Durability level) {
    return levels.entrySet().stream()
        .filter(entry -> entry.getValue() == level)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  Map<String, Durability> levels() {
    return levels;
  }

  /** The server processes of this Howdah's connections. */
  List<Integer> backends() {
    return postgres
        .sql("SELECT pid FROM pg_stat_activity WHERE application_name = ? ORDER BY pid", schema)
        .stream()
        .map(Integer::valueOf)
        .toList();
  }

  /** One of them; there is one at last, since the load goes on. */
  int anyBackend(Random random) {
    while (true) {
      List<Integer> backends = backends();
      if (!backends.isEmpty()) {
        return backends.get(random.nextInt(backends.size()));
      }
      load.awaitProgress(1);
    }
  }

  /** SIGKILL to one of them, as the out-of-memory killer sends it: a crash. */
  void killAnyBackend(Random random) {
    crash(() -> {
      while (true) {
        try {
          postgres.killBackend(anyBackend(random));
          return;
        } catch (NoSuchElementException e) {
          // It has ended meanwhile: another one.
          continue;
        }
      }
    });
  }

  private long wipesFound() {
    return Long.parseLong(postgres.sql("SELECT wipes FROM " + schema + ".wipe_marker").get(0));
  }

  /** Something after which the server has crashed and is up again; and its wipe is announced. */
  void crash(Runnable fault) {
    long began = System.nanoTime();
    fault.run();
    crashed(began);
  }

  /** The server has crashed since then, and is up again. */
  void crashed(long began) {
    history.addCrash(began, System.nanoTime());
    int crashes = history.crashes().size();
    Eventually.holds("the wipe is announced", () -> wipes.size() >= crashes);
  }

  /** Waits until so many more calls have failed in this way. */
  void awaitFailures(ErrorCode code, Outcome outcome, int calls) {
    long until = failures(code, outcome) + calls;
    Eventually.holds(
        code + " " + outcome + "; until now " + history.outcomes(),
        () -> failures(code, outcome) >= until);
  }

  long failures(ErrorCode code, Outcome outcome) {
    return history.count(event -> event.error().equals(code.name()) && event.outcome() == outcome);
  }

  /** Ends the load, and checks all that it was promised. */
  void finish() {
    load.awaitProgress(50);
    stop();
    worksAtLast();
    Eventually.holds("it says that it is well", () -> howdah.health().up());
    assertThat(connections.getAsInt()).as("connections").isLessThanOrEqualTo(LANES);
    close();
    leavesNothingBehind();

    assertThat(history.untyped()).as("they do not say what became of the call").isEmpty();
    assertThat(history.count(event -> !event.isAnswered() && !TYPED.contains(event.error())))
        .as("calls that failed otherwise than by %s: %s", TYPED, history.outcomes())
        .isZero();
    long longest =
        history.events().stream().mapToLong(event -> event.ended() - event.began()).max().orElse(0);
    assertThat(Duration.ofNanos(longest))
        .as("the longest call")
        .isLessThanOrEqualTo(deadline.plus(GRACE));
    assertThat(wipes).as("wipes that were announced").hasSameSizeAs(history.crashes());
    assertThat(wipesFound() - wipesBefore).isEqualTo(history.crashes().size());
    new Checker(levels, history.events(), history.crashes()).check(there());
  }

  private void stop() {
    if (!stopped) {
      stopped = true;
      assertThat(load.stop(deadline.plus(GRACE))).as("every call comes to its end").isTrue();
    }
  }

  /** The first calls may still meet connections that broke, each lane once. */
  private void worksAtLast() {
    KeyValueStore<Long> store = howdah.kv("afterwards", Long.class);
    for (int attempt = 0; ; attempt++) {
      try {
        assertThat(store.set("k", 1L)).isPositive();
        assertThat(store.get("k")).contains(1L);
        return;
      } catch (HowdahException e) {
        assertThat(attempt).as("%s", e).isLessThan(LANES);
      }
    }
  }

  private void leavesNothingBehind() {
    Eventually.holds("no thread is left: " + threads(), () -> threads().isEmpty());
    Eventually.holds("no connection is left", () -> connections.getAsInt() == 0);
  }

  private List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.startsWith("howdah-" + schema + "-"))
        .toList();
  }

  private Map<Place, Long> there() {
    try (Connection connection = postgres.connect()) {
      return Checker.there(connection, schema);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    stop();
    howdah.close();
  }
}
