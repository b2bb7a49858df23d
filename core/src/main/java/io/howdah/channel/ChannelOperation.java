package io.howdah.channel;

import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The other calls on channels: the SQL function that each is. */
record ChannelOperation<A, R extends @Nullable Object>(
    String name, boolean isWrite, String sql, Binder<A> binder, Reader<R> reader)
    implements Operation<A, R> {

  /** Binds the arguments. */
  interface Binder<A> {
    void bind(A args, SqlArguments to) throws SQLException;
  }

  /** Reads the answer. */
  interface Reader<R extends @Nullable Object> {
    R read(SqlRows rows) throws SQLException;
  }

  record Retention(String channel, @Nullable Long keepMicros) {}

  record Place(String channel, @Nullable String cursor, int maxRows) {}

  /**
   * What was read.
   *
   * @param isPending there are more after them, which perhaps cannot be read yet
   */
  record Page(List<RetainedMessage> messages, boolean isPending) {}

  /** A message that a notification only names: by id, or by its transaction and two numbers. */
  record Named(
      String channel,
      @Nullable String id,
      @Nullable String xid,
      @Nullable Long first,
      @Nullable Long last) {}

  /** The payload of a message that was named. */
  record Found(int position, String payload) {}

  static final Operation<Publication, Boolean> PUBLISH = new Publish();

  static final ChannelOperation<Retention, Boolean> RETAIN =
      write(
          "channel_retain",
          "${schema}.channel_retain(?, ?::interval)",
          (args, to) -> to.text(args.channel()).interval(args.keepMicros()));

  static final ChannelOperation<TableNotice, Boolean> NOTIFY_ON =
      write("notify_on", "${schema}.notify_on(?::regclass, ?, ?)", ChannelOperation::bindNotice);

  static final ChannelOperation<TableNotice, Boolean> NOTIFY_ON_DROP =
      write(
          "notify_on_drop",
          "${schema}.notify_on_drop(?::regclass, ?, ?)",
          ChannelOperation::bindNotice);

  static final ChannelOperation<String, List<TableNotice>> NOTIFY_ON_LIST =
      query(
          "notify_on_list",
          "SELECT l.source::text, l.channel, l.column_name FROM ${schema}.notify_on_list() AS l",
          (args, to) -> {},
          rows -> {
            List<TableNotice> all = new ArrayList<>();
            while (rows.next()) {
              all.add(new TableNotice(required(rows, 1), required(rows, 2), required(rows, 3)));
            }
            return all;
          });

  static final ChannelOperation<String, List<RetainedChannel>> LIST =
      query(
          "channel_list",
          "SELECT l.channel, (extract(epoch FROM l.keep) * 1000000)::bigint FROM ${schema}.channel_list() AS l",
          (args, to) -> {},
          rows -> {
            List<RetainedChannel> all = new ArrayList<>();
            while (rows.next()) {
              all.add(
                  new RetainedChannel(required(rows, 1), Duration.ofNanos(rows.int8(2) * 1_000)));
            }
            return all;
          });

  static final ChannelOperation<String, String> NOW =
      query(
          "channel_now",
          "SELECT ${schema}.channel_now(?)",
          (channel, to) -> to.text(channel),
          rows -> {
            boolean there = rows.next();
            assert there;
            return required(rows, 1);
          });

  static final ChannelOperation<Place, Page> FETCH =
      query(
          "channel_read",
          "SELECT f.cursor, f.payload, f.published_at, f.is_pending FROM ${schema}._channel_fetch(?, ?, ?) AS f",
          (args, to) -> to.text(args.channel()).text(args.cursor()).int4(args.maxRows()),
          rows -> {
            List<RetainedMessage> messages = new ArrayList<>();
            boolean isPending = false;
            while (rows.next()) {
              String payload = rows.text(2);
              if (payload == null) {
                isPending = rows.bool(4);
              } else {
                messages.add(
                    new RetainedMessage(
                        required(rows, 1), payload, Objects.requireNonNull(rows.instant(3))));
              }
            }
            return new Page(messages, isPending);
          });

  static final ChannelOperation<List<Named>, List<Found>> NAMED =
      query(
          "channel_named",
          "SELECT n.place, n.payload FROM ${schema}._channel_named(?, ?::uuid[], ?, ?, ?) AS n",
          (all, to) ->
              to.texts(all.stream().map(Named::channel).toArray(String[]::new))
                  .texts(all.stream().map(Named::id).toArray(String[]::new))
                  .texts(all.stream().map(Named::xid).toArray(String[]::new))
                  .int8s(all.stream().map(Named::first).toArray(Long[]::new))
                  .int8s(all.stream().map(Named::last).toArray(Long[]::new)),
          rows -> {
            List<Found> found = new ArrayList<>();
            while (rows.next()) {
              found.add(new Found((int) rows.int8(1) - 1, required(rows, 2)));
            }
            return found;
          });

  private static <A> ChannelOperation<A, Boolean> write(String name, String sql, Binder<A> binder) {
    return new ChannelOperation<>(name, true, sql, binder, rows -> rows.bool(1));
  }

  private static <A, R> ChannelOperation<A, R> query(
      String name, String sql, Binder<A> binder, Reader<R> reader) {
    return new ChannelOperation<>(name, false, sql, binder, reader);
  }

  private static void bindNotice(TableNotice args, SqlArguments to) throws SQLException {
    to.text(args.source()).text(args.channel()).text(args.columnName());
  }

  private static String required(SqlRows rows, int column) throws SQLException {
    return Objects.requireNonNull(rows.text(column));
  }

  @Override
  public boolean isQuery() {
    return !isWrite;
  }

  /** A table is waited for up to ten seconds. */
  @Override
  public boolean isLong() {
    return name.startsWith("notify_on");
  }

  @Override
  public void bind(A args, SqlArguments to) throws SQLException {
    binder.bind(args, to);
  }

  @Override
  public R read(A args, SqlRows rows) throws SQLException {
    return reader.read(rows);
  }
}
