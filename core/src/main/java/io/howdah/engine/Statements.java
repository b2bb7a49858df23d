package io.howdah.engine;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The SQL of each operation as it is sent, with the schema's name in it. */
final class Statements {
  /** How many columns the engine puts in front of the answer of a single write. */
  static final int WRITE_COLUMNS = 2;

  /**
   * The forms of one operation.
   *
   * @param joined in the caller's transaction, which keeps its own settings
   * @param single in a transaction of its own; a write takes its patience and whether it may be
   *     relaxed first
   * @param batch over arrays
   * @param busy asks which rows are held by others
   */
  record Forms(String joined, String single, @Nullable String batch, @Nullable String busy) {}

  private final String schema;
  private final ConcurrentHashMap<Operation<?, ?>, Forms> forms = new ConcurrentHashMap<>();

  Statements(String schema) {
    this.schema = schema;
  }

  Forms of(Operation<?, ?> operation) {
    Forms known = forms.get(operation);
    return known != null ? known : forms.computeIfAbsent(operation, this::make);
  }

  private Forms make(Operation<?, ?> operation) {
    String call = withSchema(operation.sql());
    String joined = operation.isQuery() ? call : "SELECT " + call;
    String single =
        operation.isWrite()
            ? withSchema("SELECT set_config('lock_timeout', ?, true), ${schema}._relax(?), ") + call
            : joined;
    Batch<?, ?> batch = operation.batch();
    String busy = batch == null ? null : batch.busySql();
    return new Forms(
        joined,
        single,
        batch == null ? null : withSchema(batch.sql()),
        busy == null ? null : withSchema(busy));
  }

  private String withSchema(String sql) {
    return sql.replace("${schema}", schema);
  }
}
