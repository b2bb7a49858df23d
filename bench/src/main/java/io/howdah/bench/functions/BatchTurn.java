package io.howdah.bench.functions;

import io.howdah.bench.kv.Dataset;
import io.howdah.bench.measure.CallByCall;
import io.howdah.bench.measure.CallRecorder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Sends one batch, over keys of its own choice. */
final class BatchTurn implements CallByCall.Turn, AutoCloseable {

  private final Operation operation;
  private final BatchStatement batch;
  private final Dataset dataset;
  private final SplittableRandom random;
  private final PreparedStatement statement;
  private final int[] shuffled;
  private final String[] keys;
  private final String[] values;

  /**
   * @param size how many keys a batch has
   * @param seed chooses the keys
   */
  BatchTurn(
      Connection connection,
      Operation operation,
      BatchStatement batch,
      int size,
      Dataset dataset,
      long seed)
      throws SQLException {
    this.operation = operation;
    this.batch = batch;
    this.dataset = dataset;
    random = new SplittableRandom(seed);
    statement = connection.prepareStatement(batch.sql());
    shuffled = IntStream.range(0, dataset.size()).toArray();
    keys = new String[size];
    values = new String[size];
  }

  @Override
  public void call(CallRecorder recorder) throws SQLException {
    chooseKeys();
    @Nullable String[] answers = new @Nullable String[keys.length];
    long startedAt = System.nanoTime();
    batch.binder().bind(statement, keys, values);
    try (ResultSet rows = statement.executeQuery()) {
      operation.read(rows, answers);
    }
    recorder.completed(startedAt, System.nanoTime());
    check(recorder, answers);
  }

  /** No key twice in a batch: the engine would have merged its calls. */
  private void chooseKeys() {
    for (int i = 0; i < keys.length; i++) {
      int j = i + random.nextInt(shuffled.length - i);
      int index = shuffled[j];
      shuffled[j] = shuffled[i];
      shuffled[i] = index;
      keys[i] = dataset.key(index);
      if (operation == Operation.SET) {
        values[i] = dataset.value(index, random.nextInt(Dataset.REVISIONS));
      }
    }
  }

  private void check(CallRecorder recorder, @Nullable String[] answers) {
    for (int i = 0; i < answers.length; i++) {
      String problem = operation.problem(dataset, shuffled[i], answers[i]);
      if (problem != null) {
        recorder.wrong(problem);
      }
    }
  }

  @Override
  public void close() throws SQLException {
    statement.close();
  }
}
