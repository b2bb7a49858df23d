package io.howdah.cache;

import io.howdah.Codec;
import io.howdah.Durability;
import io.howdah.engine.Batch;
import io.howdah.engine.JoinedTexts;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads an entry; null when there is no valid one. Reads of one entry are one read. */
final class CacheRead implements Operation<CacheKey, @Nullable Found> {
  static final CacheRead READ = new CacheRead(false);

  /** With what evicts it, for near caches. */
  static final CacheRead WITH_SCOPES = new CacheRead(true);

  private final boolean withScopes;
  private final ReadBatch batch;

  private CacheRead(boolean withScopes) {
    this.withScopes = withScopes;
    this.batch = new ReadBatch(withScopes);
  }

  @Override
  public String name() {
    return "cache_get";
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
    return "SELECT c.* FROM ${schema}._cache_read(?, ?, ?) AS c";
  }

  @Override
  public void bind(CacheKey args, SqlArguments to) throws SQLException {
    to.text(args.cache()).text(args.key()).bool(withScopes);
  }

  @Override
  public @Nullable Found read(CacheKey args, SqlRows rows) throws SQLException {
    return rows.next() ? Objects.requireNonNull(found(rows, 1)) : null;
  }

  /** Null when the value is too large to come with others. */
  static @Nullable Found found(SqlRows rows, int column) throws SQLException {
    String kind = Objects.requireNonNull(rows.text(column));
    long freshFor = rows.int8(column + 3);
    long liveFor = rows.int8(column + 4);
    long number = rows.int8(column + 5);
    byte[] scopes = rows.bytes(column + 6);
    if (kind.equals("n")) {
      return new Found(null, freshFor, liveFor, number, numbers(scopes));
    }
    String json = rows.text(column + 1);
    byte[] bytes = json == null ? rows.bytes(column + 2) : null;
    return json == null && bytes == null
        ? null
        : new Found(new Codec.Encoded(json, bytes), freshFor, liveFor, number, numbers(scopes));
  }

  private static long @Nullable [] numbers(byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    long[] numbers = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).asLongBuffer().get(numbers);
    return numbers;
  }

  @Override
  public Object orderKey(CacheKey args) {
    return args;
  }

  @Override
  public Batch<CacheKey, @Nullable Found> batch() {
    return batch;
  }

  private static final class ReadBatch implements Batch<CacheKey, @Nullable Found> {
    /** About how much an answer may bring; a larger value comes alone. */
    private static final int ANSWER_BYTES = 4 << 20;

    private final boolean withScopes;

    ReadBatch(boolean withScopes) {
      this.withScopes = withScopes;
    }

    @Override
    public String sql(Durability level) {
      return "SELECT * FROM ${schema}._cache_batch_read(?, ?, ?, ?, ?)";
    }

    @Override
    public Object key(CacheKey args) {
      return args;
    }

    @Override
    public int weight(CacheKey args) {
      return args.cache().length() + args.key().length();
    }

    @Override
    public CacheKey merge(CacheKey earlier, CacheKey later) {
      return earlier;
    }

    @Override
    public void bind(List<CacheKey> calls, SqlArguments to) throws SQLException {
      JoinedTexts.bind(calls, CacheKey::cache, CacheKey::key, to);
      to.int4(ANSWER_BYTES / calls.size()).bool(withScopes);
    }

    /** A call whose value is too large has no answer, and so is made again, singly. */
    @Override
    public void read(List<CacheKey> calls, SqlRows rows, Answers<@Nullable Found> answers)
        throws SQLException {
      boolean[] present = new boolean[calls.size()];
      while (rows.next()) {
        int position = (int) rows.int8(1) - 1;
        present[position] = true;
        Found found = found(rows, 2);
        if (found != null) {
          answers.byPosition(position, found);
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
