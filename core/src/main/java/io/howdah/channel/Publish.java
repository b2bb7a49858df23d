package io.howdah.channel;

import io.howdah.Durability;
import io.howdah.engine.Batch;
import io.howdah.engine.Levels;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Publishes messages: those that wait together, in one statement. */
final class Publish implements Operation<Publication, Boolean> {
  private static final Batch<Publication, Boolean> BATCH = new PublishBatch();

  @Override
  public String name() {
    return "channel_publish";
  }

  @Override
  public boolean isWrite() {
    return true;
  }

  @Override
  public String sql() {
    return "${schema}.channel_publish(?, ?)";
  }

  /** Any of them may be retained. */
  @Override
  public Durability level(Publication args, Levels levels) {
    return Durability.DURABLE;
  }

  @Override
  public void bind(Publication args, SqlArguments to) throws SQLException {
    to.text(args.channel()).text(args.payload());
  }

  @Override
  public Boolean read(Publication args, SqlRows rows) {
    return true;
  }

  @Override
  public Object orderKey(Publication args) {
    return args.channel();
  }

  @Override
  public Batch<Publication, Boolean> batch() {
    return BATCH;
  }

  private static final class PublishBatch implements Batch<Publication, Boolean> {
    @Override
    public String sql(Durability level) {
      return "SELECT * FROM ${schema}._channel_batch_publish(?, ?, ?, ?)";
    }

    @Override
    public Object key(Publication args) {
      return args;
    }

    @Override
    public int weight(Publication args) {
      return 64 + args.channel().length() + args.payload().length();
    }

    @Override
    public @Nullable Publication merge(Publication earlier, Publication later) {
      return null;
    }

    @Override
    public void bind(List<Publication> calls, SqlArguments to) throws SQLException {
      to.texts(calls.stream().map(Publication::channel).toArray(String[]::new))
          .texts(calls.stream().map(Publication::payload).toArray(String[]::new));
    }

    @Override
    public void read(List<Publication> calls, SqlRows rows, Answers<Boolean> answers) {
      answers.others(true);
    }
  }
}
