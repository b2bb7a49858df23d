package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.TypeRef;
import io.howdah.engine.EngineMetrics;
import io.howdah.testing.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random programs of asynchronous and blocking calls, on a few sessions of each thread's own,
 * against a model in memory. Nothing is awaited on the way, so calls queue, share statements, are
 * merged and split; yet each has the result that the program's order says.
 */
@Timeout(180)
class SessionModelTest extends SessionTest {
  private static final int THREADS = 16;
  private static final int CALLS = 250;
  private static final int SLOTS = 4;

  private final AtomicLong statements = new AtomicLong();
  private final AtomicLong calls = new AtomicLong();

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder
        .lanes(3)
        .callTimeout(Duration.ofSeconds(60))
        .metrics(
            new EngineMetrics() {
              @Override
              public void statement(String operation, int served, long queuedNanos, long ranNanos) {
                statements.incrementAndGet();
                calls.addAndGet(served);
              }
            });
  }

  /** What a session is thought to be; its attributes are null when it has ended. */
  private static final class Slot {
    String token = io.howdah.Secret.make();
    Map<String, Integer> attributes;
    Optional<String> user = Optional.empty();
  }

  private record Check(String call, CompletableFuture<?> answer, Object expected) {}

  @ParameterizedTest
  @EnumSource(Durability.class)
  void callsOfOneThreadOnOneSessionTakeEffectInTheirOrder(Durability durability) {
    sessions.configure(defaults().withDurability(durability).withTouchInterval(Duration.ZERO));
    long seed = System.nanoTime();
    statements.set(0);
    calls.set(0);
    Threads.run(
        THREADS,
        thread -> {
          run(new Random(seed + thread), "user-" + thread, "seed " + seed);
          return true;
        });
    assertThat(calls.get()).as("calls share statements").isGreaterThan(statements.get() * 5 / 4);
  }

  private void run(Random random, String user, String seed) throws Exception {
    AsyncSessions async = sessions.async();
    Slot[] slots = new Slot[SLOTS];
    for (int i = 0; i < SLOTS; i++) {
      slots[i] = new Slot();
    }
    List<Check> checks = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      Slot slot = slots[random.nextInt(SLOTS)];
      boolean lives = slot.attributes != null;
      String name = "a" + random.nextInt(3);
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> {
          Map<String, Integer> changes = new HashMap<>();
          changes.put(name, random.nextInt(3) == 0 ? null : i);
          changes.put("b", i);
          checks.add(check("set", async.set(slot.token, changes), lives));
          if (lives) {
            Map<String, Integer> after = new HashMap<>(slot.attributes);
            after.putAll(changes);
            after.values().removeIf(value -> value == null);
            slot.attributes = after;
          }
        }
        case 3, 4 ->
            checks.add(
                check("get", async.get(slot.token).thenApply(this::attributes), expected(slot)));
        case 5, 6, 7 ->
            checks.add(
                check(
                    "touch", async.touch(slot.token).thenApply(this::attributes), expected(slot)));
        case 8 -> {
          checks.add(check("revoke", async.revoke(slot.token), lives));
          slot.attributes = null;
        }
        case 9 -> {
          // A blocking call waits for the asynchronous ones before it.
          Optional<String> fresh =
              slot.user.isEmpty() ? sessions.rotate(slot.token, user) : sessions.rotate(slot.token);
          assertThat(fresh.isPresent()).as("rotate, %s", seed).isEqualTo(lives);
          if (lives) {
            checks.add(
                check("old token", async.touch(slot.token).thenApply(Optional::isPresent), false));
            slot.token = fresh.get();
            slot.user = Optional.of(user);
          }
        }
        case 10 -> {
          assertThat(sessions.get(slot.token).map(this::map))
              .as("blocking get, %s", seed)
              .isEqualTo(Optional.ofNullable(slot.attributes));
        }
        default -> {
          if (!lives) {
            CreatedSession created = sessions.create(SessionRequest.anonymous().with("b", i));
            slot.token = created.token();
            slot.attributes = Map.of("b", i);
            slot.user = Optional.empty();
          }
        }
      }
    }
    for (Check check : checks) {
      assertThat((Object) check.answer().get(60, TimeUnit.SECONDS))
          .as("%s, %s", check.call(), seed)
          .isEqualTo(check.expected());
    }
    long owned = 0;
    for (Slot slot : slots) {
      assertThat(sessions.get(slot.token).map(this::map))
          .as("at the end, %s", seed)
          .isEqualTo(Optional.ofNullable(slot.attributes));
      owned += slot.attributes != null && slot.user.isPresent() ? 1 : 0;
    }
    assertThat(sessions.count(user)).as(seed).isEqualTo(owned);
    assertThat(sessions.revokeUser(user)).as(seed).isEqualTo((int) owned);
  }

  private Map<String, Integer> map(Session session) {
    Map<String, Integer> map = new HashMap<>();
    for (String name : session.attributeNames()) {
      map.put(name, session.attribute(name, new TypeRef<Integer>() {}).orElseThrow());
    }
    return map;
  }

  private Optional<Map<String, Integer>> attributes(Optional<Session> session) {
    return session.map(this::map);
  }

  private static Optional<Map<String, Integer>> expected(Slot slot) {
    return Optional.ofNullable(slot.attributes);
  }

  private static Check check(String call, CompletionStage<?> answer, Object expected) {
    return new Check(call, answer.toCompletableFuture(), expected);
  }
}
