package io.howdah.engine;

import io.howdah.Durability;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The SQL of each operation as it is sent, with the schema's name in it. */
final class Statements {
  /** How many columns the patient form has in front of the answer. */
  static final int PATIENT_COLUMNS = 2;

  /**
   * The forms of one operation.
   *
   * @param joined in the caller's transaction, which keeps its own settings
   * @param own in a transaction of its own
   * @param single the quick form of that
   * @param patient a write that brings its lock timeout, and whether it may be relaxed
   * @param batch over arrays
   * @param quickBatch another form of it, without patience and "own"
   * @param busy asks which rows are held by others
   */
  record Forms(
      String joined,
      String own,
      String single,
      String patient,
      @Nullable String batch,
      @Nullable String quickBatch,
      @Nullable String busy) {}

  private final String schema;
  private final Map<Durability, ConcurrentHashMap<Operation<?, ?>, Forms>> forms =
      new EnumMap<>(Durability.class);

  Statements(String schema) {
    this.schema = schema;
    for (Durability level : Durability.values()) {
      forms.put(level, new ConcurrentHashMap<>());
    }
  }

  Forms of(Operation<?, ?> operation, Durability level) {
    ConcurrentHashMap<Operation<?, ?>, Forms> ofLevel = Objects.requireNonNull(forms.get(level));
    Forms known = ofLevel.get(operation);
    return known != null ? known : ofLevel.computeIfAbsent(operation, op -> make(op, level));
  }

  private Forms make(Operation<?, ?> operation, Durability level) {
    String select = operation.isQuery() ? "" : "SELECT ";
    String joined = withSchema(select + operation.sql());
    String own = withSchema(select + operation.ownSql());
    String single = withSchema(select + operation.quickSql(level));
    String patient =
        withSchema(
            "SELECT set_config('lock_timeout', ?, true), ${schema}._relax(?), "
                + operation.ownSql());
    Batch<?, ?> batch = operation.batch();
    String quickBatch = batch == null || level != Durability.EPHEMERAL ? null : batch.quickSql();
    String busy = operation.busySql();
    return new Forms(
        joined,
        own,
        single,
        patient,
        batch == null ? null : withSchema(batch.sql(level)),
        quickBatch == null ? null : withSchema(quickBatch),
        busy == null ? null : withSchema(busy));
  }

  private String withSchema(String sql) {
    return sql.replace("${schema}", schema);
  }
}
