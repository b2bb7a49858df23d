package io.howdah.bench.flag;

import io.howdah.Howdah;
import io.howdah.flag.FlagCondition;
import io.howdah.flag.FlagDefinition;
import io.howdah.flag.FlagSubject;
import io.howdah.flag.Flags;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Asks flags for one user after the other, as an application does: by their names, on a Howdah. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class FlagEvaluations {
  private static final int USERS = 1_024;

  /** Where the flags are; the command says so. */
  @SuppressWarnings("NullAway.Init") // JMH sets it
  @Param("")
  public String url;

  @SuppressWarnings("NullAway.Init") // made by the setup
  private Howdah howdah;

  @SuppressWarnings("NullAway.Init") // made by the setup
  private Flags flags;

  private final FlagSubject[] subjects = new FlagSubject[USERS];
  private int next;

  /** Makes the flags, and users that are known before they are asked for. */
  @Setup
  public void open() {
    howdah = Howdah.builder(url).sweeper(false).open();
    flags = howdah.flags();
    FlagDefinition.Builder on = FlagDefinition.builder().enabled(true);
    flags.set("plain", on.build(), "bench", null);
    flags.set("half", on.rolloutPercentage(50).build(), "bench", null);
    flags.set(
        "colour", on.variant("red", "#f00", 1).variant("blue", "#00f", 1).build(), "bench", null);
    flags.set(
        "targeted",
        FlagDefinition.builder()
            .enabled(true)
            .allowUsers(1, 2, 3)
            .allowGroups("staff")
            .when(FlagCondition.isIn("country", "DE", "AT", "CH"))
            .when(FlagCondition.isAtLeast("age", 18))
            .build(),
        "bench",
        null);
    for (int i = 0; i < USERS; i++) {
      subjects[i] =
          FlagSubject.user(1_000 + i)
              .inGroup("beta")
              .with("country", i % 2 == 0 ? "DE" : "FR")
              .with("age", i % 60);
    }
  }

  @TearDown
  public void close() {
    howdah.close();
  }

  private FlagSubject subject() {
    next = (next + 1) % USERS;
    return subjects[next];
  }

  @Benchmark
  public boolean everybody() {
    return flags.isEnabled("plain", subject());
  }

  @Benchmark
  public boolean listsAndConditions() {
    return flags.isEnabled("targeted", subject());
  }

  /** One hash. */
  @Benchmark
  public boolean rollout() {
    return flags.isEnabled("half", subject());
  }

  /** One hash, and for every second user another one. */
  @Benchmark
  public String rolloutAndVariant() {
    return flags.evaluateString("colour", "none", subject()).value();
  }
}
