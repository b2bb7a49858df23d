package io.howdah.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.InvalidArgumentException;
import io.howdah.testing.HowdahTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused, by the library and by the functions. */
@Timeout(60)
class ChannelInputTest extends HowdahTest {
  private static void refused(String argument, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidArgumentException.class, e -> assertThat(e.argument()).isEqualTo(argument))
        .hasMessageContaining(message);
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void libraryRefusesBeforeItSends() {
    Channels channels = howdah.channels();
    refused("channel", "got 0", () -> channels.publish("", "x"));
    refused("channel", "got 257", () -> channels.publish("x".repeat(257), "x"));
    refused("channel", "U+0000", () -> channels.publish("a\0", "x"));
    refused("channel", "got null", () -> channels.publish(null, "x"));
    refused("payload", "got null", () -> channels.publish("c", null));
    refused("payload", "got 1048577", () -> channels.publish("c", "x".repeat((1 << 20) + 1)));
    refused("payload", "surrogate", () -> channels.publish("c", "\ud800"));
    refused("keep", "got PT0S", () -> channels.retain("c", Duration.ZERO));
    refused("keep", "got PT", () -> channels.retain("c", Duration.ofDays(40_000)));
    refused("maxRows", "got 0", () -> channels.read("c", null, 0));
    refused("maxRows", "got 10001", () -> channels.read("c", null, 10_001));
    refused("cursor", "got 101", () -> channels.read("c", "x".repeat(101), 1));
    refused("pattern", "got 0", () -> channels.subscribePattern("", m -> {}));
    refused("bufferMessages", "got 0", () -> new SubscriptionSettings(0, OverflowPolicy.END));
    refused("source", "got 0", () -> channels.notifyOn("", "c", "x"));
    refused("columnName", "got 64", () -> channels.notifyOn("t", "c", "x".repeat(64)));
    howdah.transaction(tx -> refused("async", "async", () -> tx.channels().async()));
  }

  @Test
  void malformedCursorIsAnArgument() {
    boolean unused = howdah.channels().retain("input", Duration.ofHours(1));
    refused("cursor", "got x", () -> howdah.channels().read("input", "x", 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT $.channel_publish('', 'x') | channel: 1 to 256 bytes expected, got 0",
        "SELECT $.channel_publish(NULL, 'x') | channel: 1 to 256 bytes expected, got NULL",
        "SELECT $.channel_publish(repeat('x', 257), 'x') | got 257",
        "SELECT $.channel_publish('c', NULL) | payload: at most 1048576 bytes expected, got NULL",
        "SELECT $.channel_publish('c', repeat('x', 1048577)) | got 1048577",
        "SELECT $.channel_retain('c', interval '0') | keep: more than 0",
        "SELECT $.channel_retain('c', interval '-1 s') | keep: more than 0",
        "SELECT $.channel_retain('c', interval '40000 days') | keep: more than 0",
        "SELECT * FROM $.channel_read('input2', NULL, 0) | max_rows: 1 to 10000 expected, got 0",
        "SELECT * FROM $.channel_read('input2', NULL, NULL) | max_rows: 1 to 10000 expected, got NULL",
        "SELECT * FROM $.channel_read('input2', 'zz') | cursor: one that was given out",
        "SELECT $.notify_on(NULL, 'c', 'x') | source: a table expected, got NULL",
        "SELECT $.notify_on('pg_class', 'c', 'nothing') | column_name: pg_class has no column nothing",
        "SELECT $.notify_on('pg_class', 'c', NULL) | column_name: pg_class has no column NULL",
      })
  void functionsRefuse(String sql, String message) throws SQLException {
    List<String> unused = sql("SELECT $.channel_retain('input2', interval '1 hour')");
    assertThat(unused).hasSize(1);
    try (Connection connection = connect()) {
      assertThatThrownBy(() -> sql(connection, sql))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"))
          .hasMessageContaining(message);
    }
  }
}
