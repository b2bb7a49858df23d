package io.howdah.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages for whoever comes later. */
@Timeout(120)
class RetainedTest extends HowdahTest {
  private static final AtomicInteger NAMES = new AtomicInteger();

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder.pollInterval(Duration.ofMillis(200));
  }

  private Channels channels() {
    return howdah.channels();
  }

  private String retained() {
    String name = "c" + NAMES.incrementAndGet();
    assertThat(channels().retain(name, Duration.ofHours(1))).isTrue();
    return name;
  }

  private List<String> payloads(String name, String cursor) {
    return channels().read(name, cursor, 1000).stream().map(RetainedMessage::payload).toList();
  }

  private void sweep() {
    while (!howdah.sweep().isDone()) {
      Thread.onSpinWait();
    }
  }

  private static void assertCode(
      ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(HowdahException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void messagesAreReadFromACursorOn() {
    String name = retained();
    for (int i = 0; i < 5; i++) {
      channels().publish(name, "m" + i);
    }
    List<RetainedMessage> all = channels().read(name, null, 100);
    assertThat(all)
        .extracting(RetainedMessage::payload)
        .containsExactly("m0", "m1", "m2", "m3", "m4");
    assertThat(payloads(name, "")).hasSize(5);
    assertThat(payloads(name, all.get(2).cursor())).containsExactly("m3", "m4");
    assertThat(payloads(name, all.get(4).cursor())).isEmpty();
    assertThat(channels().read(name, null, 2)).hasSize(2);
    assertThat(all.get(0).publishedAt()).isBeforeOrEqualTo(all.get(4).publishedAt());
    assertThat(sql("SELECT payload FROM $.channel_read(?, ?, 1)", name, all.get(0).cursor()))
        .containsExactly("m1");
  }

  @Test
  void nowIsBehindWhatWasPublishedBefore() {
    String name = retained();
    channels().publish(name, "before");
    String now = channels().now(name);
    assertThat(payloads(name, now)).isEmpty();
    channels().publish(name, "after");
    assertThat(payloads(name, now)).containsExactly("after");
  }

  @Test
  void retentionIsIdempotentAndEnds() {
    String name = retained();
    assertThat(channels().retain(name, Duration.ofHours(1))).isFalse();
    channels().publish(name, "a");
    String cursor = channels().read(name, null, 1).get(0).cursor();
    assertThat(channels().retain(name, Duration.ofHours(2))).isTrue();
    assertThat(channels().retained()).contains(new RetainedChannel(name, Duration.ofHours(2)));
    assertThat(payloads(name, cursor)).isEmpty();
    assertThat(channels().stopRetaining(name)).isTrue();
    assertThat(channels().stopRetaining(name)).isFalse();
    channels().publish(name, "not kept");
    assertCode(ErrorCode.NOT_RETAINED, () -> channels().read(name, null, 1));
    assertCode(ErrorCode.NOT_RETAINED, () -> channels().now("never"));
    assertCode(ErrorCode.NOT_RETAINED, () -> channels().subscribeRetained("never", null, m -> {}));
    sweep();
    assertThat(sql("SELECT count(*) FROM $.channel_message WHERE channel = ?", name))
        .containsExactly("0");
    assertThat(channels().retain(name, Duration.ofHours(1))).isTrue();
    assertCode(ErrorCode.MESSAGES_LOST, () -> channels().read(name, cursor, 1));
    assertThat(payloads(name, null)).isEmpty();
  }

  @Test
  void whatWasPublishedLaterWaitsForAnEarlierTransaction() throws SQLException {
    String name = retained();
    List<String> read = new CopyOnWriteArrayList<>();
    try (Connection slow = connect();
        ChannelSubscription subscription =
            channels().subscribeRetained(name, null, m -> read.add(m.payload()))) {
      slow.setAutoCommit(false);
      howdah.on(slow).channels().publish(name, "slow");
      channels().publish(name, "quick");
      assertThat(payloads(name, null)).as("slow would come before it").isEmpty();
      assertThat(howdah.on(slow).channels().read(name, null, 10)).isEmpty();
      slow.commit();
      Eventually.holds("both come", () -> read.size() == 2);
      assertThat(read).containsExactly("slow", "quick");
      assertThat(subscription.isLive()).isTrue();
    }
  }

  /** Many writers, some slow, some rolled back: each reader gets each committed message once. */
  @Test
  void nothingIsSkippedOrDoubled() {
    String name = retained();
    int writers = 8;
    int readers = 3;
    Set<String> committed = java.util.concurrent.ConcurrentHashMap.newKeySet();
    AtomicInteger writing = new AtomicInteger(writers);
    List<String> pushed = new CopyOnWriteArrayList<>();
    List<String> cursors = new CopyOnWriteArrayList<>();
    try (ChannelSubscription subscription =
        channels()
            .subscribeRetained(
                name,
                null,
                m -> {
                  pushed.add(m.payload());
                  cursors.add(m.cursor());
                })) {
      List<List<String>> read =
          Threads.run(
              writers + readers,
              thread -> {
                if (thread < writers) {
                  try {
                    write(name, thread, committed);
                  } finally {
                    writing.decrementAndGet();
                  }
                  return List.of();
                }
                return readAll(name, writing);
              });
      Eventually.holds("all are pushed", () -> pushed.size() >= committed.size());
      for (List<String> one : read.subList(writers, writers + readers)) {
        assertThat(one).doesNotHaveDuplicates().hasSameElementsAs(committed).isEqualTo(pushed);
      }
      assertThat(new HashSet<>(cursors)).hasSameSizeAs(pushed);
      assertThat(subscription.dropped()).isZero();
    }
  }

  private void write(String name, int thread, Set<String> committed) throws SQLException {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    try (Connection connection = connect()) {
      for (int i = 0; i < 40; i++) {
        String payload = thread + ":" + i;
        if (i % 3 == 0) {
          channels().publish(name, payload);
          committed.add(payload);
          continue;
        }
        connection.setAutoCommit(false);
        Channels joined = howdah.on(connection).channels();
        joined.publish(name, payload + "a");
        java.util.concurrent.locks.LockSupport.parkNanos(random.nextInt(8_000_000));
        joined.publish(name, payload + "b");
        if (i % 3 == 1) {
          connection.rollback();
        } else {
          connection.commit();
          committed.add(payload + "a");
          committed.add(payload + "b");
        }
      }
    }
  }

  private List<String> readAll(String name, AtomicInteger writing) {
    List<String> all = new ArrayList<>();
    String cursor = null;
    while (true) {
      boolean isLast = writing.get() == 0;
      List<RetainedMessage> page = channels().read(name, cursor, 7);
      for (RetainedMessage message : page) {
        all.add(message.payload());
        cursor = message.cursor();
      }
      // Other tests' transactions may be in the way.
      if (isLast
          && page.isEmpty()
          && sql(
                  "SELECT is_pending FROM $._channel_fetch(?, ?, 1) WHERE payload IS NULL",
                  name,
                  cursor)
              .equals(List.of("f"))) {
        return all;
      }
    }
  }

  @Test
  void publishersDoNotWaitForEachOther() throws SQLException {
    String name = retained();
    try (Connection holder = connect()) {
      holder.setAutoCommit(false);
      howdah.on(holder).channels().publish(name, "held");
      assertThat(sql(holder, "SELECT $.channel_retain(?, interval '3 hours')", name)).hasSize(1);
      channels().publish(name, "free");
      holder.rollback();
    }
    Eventually.holds("it is read", () -> payloads(name, null).equals(List.of("free")));
  }

  @Test
  void sweeperEndsMessagesFromTheFirstOn() {
    String name = retained();
    for (int i = 0; i < 6; i++) {
      channels().publish(name, "m" + i);
    }
    List<RetainedMessage> all = channels().read(name, null, 10);
    assertThat(
            sql(
                "UPDATE $.channel_message SET published_at = published_at - interval '2 hours'"
                    + " WHERE channel = ? AND payload IN ('m0', 'm1', 'm2', 'm4')",
                name))
        .isEmpty();
    sweep();
    assertThat(payloads(name, null)).as("m4 goes with m3").containsExactly("m3", "m4", "m5");
    assertThat(payloads(name, all.get(2).cursor())).as("nothing after it is gone").hasSize(3);
    assertCode(ErrorCode.MESSAGES_LOST, () -> channels().read(name, all.get(1).cursor(), 1));
    assertCode(
        ErrorCode.MESSAGES_LOST,
        () -> channels().subscribeRetained(name, all.get(0).cursor(), m -> {}));
  }

  @Test
  void subscriberIsToldThatMessagesAreLost() {
    String name = retained();
    List<String> told = new CopyOnWriteArrayList<>();
    AtomicBoolean fails = new AtomicBoolean(true);
    channels().publish(name, "a");
    channels().publish(name, "b");
    try (ChannelSubscription subscription =
        channels()
            .subscribeRetained(
                name,
                null,
                new RetainedHandler() {
                  @Override
                  public void onMessage(RetainedMessage message) {
                    if (fails.get() && message.payload().equals("b")) {
                      told.add("failed");
                      throw new IllegalStateException("on purpose");
                    }
                    told.add(message.payload());
                  }

                  @Override
                  public void onEnd(HowdahException reason) {
                    told.add(reason.code().name());
                  }
                })) {
      Eventually.holds("b comes again", () -> told.size() >= 3);
      assertThat(told.subList(0, 3)).containsExactly("a", "failed", "failed");
      assertThat(
              sql(
                  "UPDATE $.channel_message SET published_at = now() - interval '2 hours' WHERE channel = ?",
                  name))
          .isEmpty();
      sweep();
      channels().publish(name, "c");
      Eventually.holds("it is told", () -> told.contains("MESSAGES_LOST"));
      assertThat(told).doesNotContain("b", "c");
      assertThat(subscription.isLive()).isFalse();
    }
  }

  @Test
  void cursorsOfOtherStoresAreRefused() {
    String name = retained();
    String other = retained();
    channels().publish(name, "a");
    channels().publish(other, "b");
    String foreign = channels().read(other, null, 1).get(0).cursor();
    assertCode(ErrorCode.MESSAGES_LOST, () -> channels().read(name, foreign, 1));
    String own = channels().read(name, null, 1).get(0).cursor();
    String ahead = own.replaceAll("-[0-9a-f]+-", "-ffffffffff-");
    assertCode(ErrorCode.MESSAGES_LOST, () -> channels().read(name, ahead, 1));
    String neverThere = own.replaceAll("[0-9a-f]+$", "fffff");
    assertCode(ErrorCode.MESSAGES_LOST, () -> channels().read(name, neverThere, 1));
  }

  /** As after a dump was restored into a cluster that has given out fewer transactions. */
  @Test
  void restoredMessagesCanBeReadAgain() {
    String name = retained();
    channels().publish(name, "a");
    channels().publish(name, "b");
    String cursor = channels().read(name, null, 1).get(0).cursor();
    assertThat(
            sql(
                "UPDATE $.channel_message SET xid = (xid::text::bigint + 1000000000)::text::xid8 WHERE channel = ?",
                name))
        .isEmpty();
    assertThat(payloads(name, null)).isEmpty();
    sweep();
    Eventually.holds("they are there", () -> payloads(name, null).equals(List.of("a", "b")));
    channels().publish(name, "c");
    Eventually.holds(
        "and new ones behind", () -> payloads(name, null).equals(List.of("a", "b", "c")));
    assertCode(ErrorCode.MESSAGES_LOST, () -> channels().read(name, cursor, 1));
  }

  @Test
  void readsGoByKeyHoweverManyMessages() throws SQLException {
    String name = retained();
    assertThat(
            sql(
                "INSERT INTO $.channel_message (xid, published_at, channel, payload)"
                    + " SELECT pg_current_xact_id(), now(), ?, 'x' FROM generate_series(1, 20000)",
                name))
        .isEmpty();
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < 10; i++) {
        assertThat(sql(connection, "SELECT count(*) FROM $.channel_read(?, NULL, 10)", name))
            .containsExactly("10");
      }
      assertThat(
              sql(
                  connection,
                  "SELECT seq_tup_read + idx_tup_fetch <= 10 * 20 FROM pg_stat_xact_user_tables"
                      + " WHERE schemaname = ? AND relname = 'channel_message'",
                  schema))
          .as("ten rows are read of 20,000, with plans made for an empty table")
          .containsExactly("t");
    }
    // Deleted in batches, as many as there are.
    assertThat(
            sql(
                "UPDATE $.channel_message SET published_at = now() - interval '2 hours' WHERE channel = ?",
                name))
        .isEmpty();
    sweep();
    assertThat(sql("SELECT count(*) FROM $.channel_message WHERE channel = ?", name))
        .containsExactly("0");
  }

  @Test
  void roleOfAnApplicationMayDoEverything() throws SQLException {
    String role = "app_" + schema;
    assertThat(sql("CREATE ROLE " + role)).isEmpty();
    assertThat(sql("SELECT $.role_grant(?, 'app')::text", role)).hasSize(1);
    try (Connection connection = connect()) {
      assertThat(sql(connection, "SET ROLE " + role)).isEmpty();
      assertThat(sql(connection, "SELECT $.channel_retain('app', interval '1 hour')"))
          .containsExactly("t");
      assertThat(
              sql(
                  connection,
                  "SELECT $.channel_publish(c, repeat('x', 9000))::text FROM unnest('{app,other}'::text[]) AS c"))
          .hasSize(2);
      Eventually.holds(
          "it is read",
          () -> {
            try {
              return sql(connection, "SELECT length(payload) FROM $.channel_read('app', '')")
                  .equals(List.of("9000"));
            } catch (SQLException e) {
              throw new IllegalStateException(e);
            }
          });
      assertThat(sql(connection, "SELECT outcome FROM $.sweep()")).hasSize(1);
      assertThat(sql(connection, "SELECT $.channel_now('app')")).hasSize(1);
      assertThat(sql(connection, "RESET ROLE")).isEmpty();
      assertThat(sql(connection, "DROP OWNED BY " + role)).isEmpty();
      assertThat(sql(connection, "DROP ROLE " + role)).isEmpty();
    }
  }
}
