package io.howdah.engine;

import io.howdah.CallFailedException;
import io.howdah.CallFailedException.Outcome;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Sends calls over a lane, as one statement or singly, and gives every call its answer, its error,
 * or another try.
 *
 * <p>What is tried again, and only this: what the database has certainly rolled back (a lock
 * timeout, a deadlock, any error in a batch), and reads.
 */
final class StatementRunner {
  private static final int MOST_ATTEMPTS = 5;

  private final EngineSettings settings;
  private final Statements statements;
  private final Connector connector;
  private final Levels levels;
  private final EngineMetrics metrics;
  private final Executor futures;
  private final Followup followup;

  /** Where calls go that are not over. */
  interface Followup {
    void again(Call<?, ?> call);

    void quarantine(Call<?, ?> call);

    void over(Call<?, ?> call);
  }

  StatementRunner(
      EngineSettings settings,
      Connector connector,
      Levels levels,
      EngineMetrics metrics,
      Executor futures,
      Followup followup) {
    this.settings = settings;
    this.statements = new Statements(settings.schema());
    this.connector = connector;
    this.levels = levels;
    this.metrics = metrics;
    this.futures = futures;
    this.followup = followup;
  }

  Statements statements() {
    return statements;
  }

  /** Runs one call that has been sent (see {@link Call#trySend}). */
  <A, R extends @Nullable Object> void runSingle(Lane lane, Call<A, R> call, long patienceMillis) {
    attemptSingle(lane, call, patienceMillis);
    if (call.isOver()) {
      deliver(List.of(call));
    }
  }

  private <A, R extends @Nullable Object> void attemptSingle(
      Lane lane, Call<A, R> call, long patienceMillis) {
    Operation<A, R> operation = call.operation;
    long start = System.nanoTime();
    try {
      PreparedStatement statement = lane.prepare(statements.of(operation).single());
      SqlArguments arguments = new SqlArguments(statement);
      int offset = 0;
      if (operation.isWrite()) {
        String namespace = operation.namespace(call.args);
        boolean relaxed = namespace != null && levels.of(namespace) == io.howdah.Durability.RELAXED;
        arguments.text(Long.toString(patienceMillis)).text(relaxed ? namespace : null);
        offset = Statements.WRITE_COLUMNS;
      }
      operation.bind(call.args, arguments);
      if (operation.isLong()) {
        lane.expectReplyWithin(Operation.LONG);
      }
      call.complete(read(statement, operation, call.args, offset));
      if (operation.isLong()) {
        lane.expectReplyWithin(settings.callTimeout());
      }
      metrics.statement(
          operation.name(), 1, start - call.submittedNanos, System.nanoTime() - start);
    } catch (SQLException e) {
      recoverSingle(lane, call, e);
    } catch (RuntimeException e) {
      call.fail(e);
    }
  }

  static <A, R extends @Nullable Object> R read(
      PreparedStatement statement, Operation<A, R> operation, A args, int offset)
      throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      SqlRows answer = new SqlRows(rows, offset);
      if (!operation.isQuery() && !answer.next()) {
        throw new HowdahException(ErrorCode.DATABASE, operation.name() + ": no row in the answer");
      }
      return operation.read(args, answer);
    }
  }

  private void recoverSingle(Lane lane, Call<?, ?> call, SQLException e) {
    Operation<?, ?> operation = call.operation;
    metrics.failure(operation.name(), SqlErrors.state(e));
    if (SqlErrors.lostPreparedStatement(e)) {
      connector.stopPreparing();
      lane.discard();
      retry(call, e);
    } else if (SqlErrors.brokeConnection(e)) {
      recoverBroken(lane, call, e);
    } else if (SqlErrors.rowLocked(e)) {
      followup.quarantine(call);
    } else if (SqlErrors.rolledBackByConflict(e)) {
      retry(call, e);
    } else {
      call.fail(SqlErrors.translate(e, operation.isWrite()));
    }
  }

  private void recoverBroken(Lane lane, Call<?, ?> call, SQLException e) {
    boolean neverSent = !lane.isOpen();
    if (!neverSent) {
      lane.discard();
      connector.countFailure();
    }
    if (neverSent) {
      call.fail(
          new CallFailedException(
              ErrorCode.UNAVAILABLE,
              Outcome.NOT_APPLIED,
              "cannot connect to Postgres: " + e.getMessage(),
              e));
    } else if (call.operation.isWrite()) {
      call.fail(SqlErrors.translate(e, true));
    } else {
      retry(call, e);
    }
  }

  /** Queues a call again that has not been applied, unless that has been tried often enough. */
  private void retry(Call<?, ?> call, SQLException e) {
    if (++call.attempts >= MOST_ATTEMPTS) {
      call.fail(SqlErrors.translate(e, false));
    } else {
      followup.again(call);
    }
  }

  /**
   * Runs calls of one operation, and for writes of one level, that have been sent. Those that could
   * not ride come back.
   */
  <A, R extends @Nullable Object> List<Call<A, R>> runBatch(
      Lane lane, Operation<A, R> operation, List<Call<A, R>> calls) {
    Batch<A, R> batch = operation.batch();
    if (batch == null || calls.size() == 1) {
      for (Call<A, R> call : calls) {
        runSingle(lane, call, settings.lockTimeout().toMillis());
      }
      return List.of();
    }
    Riders<A, R> riders = new Riders<>(batch, calls.size());
    List<Call<A, R>> left = List.of();
    for (Call<A, R> call : calls) {
      if (!riders.board(call)) {
        left = left.isEmpty() ? new ArrayList<>() : left;
        left.add(call);
      }
    }
    run(lane, operation, batch, riders, true);
    return left;
  }

  private <A, R extends @Nullable Object> void run(
      Lane lane,
      Operation<A, R> operation,
      Batch<A, R> batch,
      Riders<A, R> riders,
      boolean mayRepeat) {
    long start = System.nanoTime();
    try {
      Statements.Forms forms = statements.of(operation);
      PreparedStatement statement = lane.prepare(java.util.Objects.requireNonNull(forms.batch()));
      SqlArguments arguments = new SqlArguments(statement);
      batch.bind(riders.args(), arguments);
      if (operation.isWrite()) {
        arguments.int4(Math.toIntExact(settings.lockTimeout().toMillis())).bool(true);
      }
      try (ResultSet rows = statement.executeQuery()) {
        batch.read(riders.args(), new SqlRows(rows, 0), riders);
      }
    } catch (SQLException e) {
      recoverBatch(lane, operation, batch, riders, mayRepeat, e);
      return;
    } catch (RuntimeException e) {
      riders
          .calls()
          .forEach(call ->
              call.fail(new HowdahException(ErrorCode.DATABASE, "a batch failed: " + e, e)));
      deliver(riders.calls());
      return;
    }
    List<Call<A, R>> all = riders.calls();
    metrics.statement(
        operation.name(), all.size(), start - all.get(0).submittedNanos, System.nanoTime() - start);
    List<Call<A, R>> unanswered = riders.share();
    deliver(all);
    for (Call<A, R> call : unanswered) {
      runSingle(lane, call, settings.lockTimeout().toMillis());
    }
  }

  private <A, R extends @Nullable Object> void recoverBatch(
      Lane lane,
      Operation<A, R> operation,
      Batch<A, R> batch,
      Riders<A, R> riders,
      boolean mayRepeat,
      SQLException e) {
    List<Call<A, R>> calls = riders.calls();
    if (SqlErrors.brokeConnection(e) || SqlErrors.lostPreparedStatement(e)) {
      calls.forEach(call -> recoverSingle(lane, call, e));
      deliver(calls);
      return;
    }
    metrics.failure(operation.name(), SqlErrors.state(e));
    if (SqlErrors.mixedLevels(e)) {
      levels.refresh();
    } else if (mayRepeat && SqlErrors.rowLocked(e)) {
      Riders<A, R> free = setBusyAside(lane, operation, batch, riders);
      if (!free.isEmpty()) {
        run(lane, operation, batch, free, false);
      }
      return;
    } else if (mayRepeat && SqlErrors.rolledBackByConflict(e)) {
      run(lane, operation, batch, riders, false);
      return;
    }
    // One of them is at fault, and only its caller shall see it.
    for (Call<A, R> call : calls) {
      runSingle(lane, call, 1);
    }
  }

  /** Quarantines the calls whose rows others hold now; the others. */
  private <A, R extends @Nullable Object> Riders<A, R> setBusyAside(
      Lane lane, Operation<A, R> operation, Batch<A, R> batch, Riders<A, R> riders) {
    Set<Integer> busy;
    try {
      busy = busy(lane, operation, batch, riders.args());
    } catch (SQLException e) {
      riders.calls().forEach(call -> recoverSingle(lane, call, e));
      deliver(riders.calls());
      return new Riders<>(batch, 0);
    }
    Riders<A, R> free = new Riders<>(batch, riders.size());
    for (int i = 0; i < riders.size(); i++) {
      for (Call<A, R> call : riders.group(i)) {
        if (busy.contains(i)) {
          followup.quarantine(call);
        } else if (!free.board(call)) {
          followup.again(call);
        }
      }
    }
    if (!busy.isEmpty()) {
      metrics.quarantined(operation.name(), busy.size());
    }
    return free;
  }

  /** The positions of the calls whose rows other transactions hold now. */
  <A, R extends @Nullable Object> Set<Integer> busy(
      Lane lane, Operation<A, R> operation, Batch<A, R> batch, List<A> args) throws SQLException {
    Set<Integer> busy = new TreeSet<>();
    String sql = statements.of(operation).busy();
    if (sql == null) {
      return busy;
    }
    PreparedStatement statement = lane.prepare(sql);
    batch.bindBusy(args, new SqlArguments(statement));
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        busy.add(rows.getInt(1) - 1);
      }
    }
    return busy;
  }

  /** Wakes the callers of what is over. All answers are set before the first caller wakes. */
  void deliver(List<? extends Call<?, ?>> calls) {
    List<Call<?, ?>> waiting = null;
    for (Call<?, ?> call : calls) {
      if (!call.isOver()) {
        continue;
      }
      Thread owner = call.owner;
      if (owner == null) {
        waiting = waiting == null ? new ArrayList<>() : waiting;
        waiting.add(call);
      } else if (owner != Thread.currentThread()) {
        LockSupport.unpark(owner);
      }
    }
    if (waiting != null) {
      List<Call<?, ?>> completed = waiting;
      completed.forEach(followup::over);
      // User code hangs on futures: it must not run on a lane's thread.
      futures.execute(() -> completed.forEach(Call::completeFuture));
    }
  }

  /** The calls of one statement: merged by key, and what each gets. */
  private static final class Riders<A, R extends @Nullable Object> implements Batch.Answers<R> {
    private final Batch<A, R> batch;
    private final Map<Object, Integer> positions;
    private final List<A> args;
    private final List<List<Call<A, R>>> groups;
    private final List<Call<A, R>> calls;
    private final List<@Nullable R> answers;
    private final Set<Object> full = new HashSet<>(0);
    private boolean[] answered = new boolean[0];

    Riders(Batch<A, R> batch, int size) {
      this.batch = batch;
      this.positions = new LinkedHashMap<>(size * 2);
      this.args = new ArrayList<>(size);
      this.groups = new ArrayList<>(size);
      this.calls = new ArrayList<>(size);
      this.answers = new ArrayList<>(size);
    }

    boolean board(Call<A, R> call) {
      Object key = batch.key(call.args);
      Integer position = positions.get(key);
      if (position == null) {
        positions.put(key, args.size());
        args.add(call.args);
        groups.add(List.of(call));
      } else {
        A merged = full.contains(key) ? null : batch.merge(args.get(position), call.args);
        if (merged == null) {
          // Nor may a later one on this key overtake it.
          full.add(key);
          return false;
        }
        args.set(position, merged);
        List<Call<A, R>> group = groups.get(position);
        if (group.size() == 1) {
          group = new ArrayList<>(group);
          groups.set(position, group);
        }
        group.add(call);
      }
      calls.add(call);
      return true;
    }

    boolean isEmpty() {
      return args.isEmpty();
    }

    int size() {
      return args.size();
    }

    List<A> args() {
      return args;
    }

    List<Call<A, R>> calls() {
      return calls;
    }

    List<Call<A, R>> group(int position) {
      return groups.get(position);
    }

    @Override
    public void byPosition(int position, R answer) {
      prepareAnswers();
      answers.set(position, answer);
      answered[position] = true;
    }

    @Override
    public void byKey(Object key, R answer) {
      Integer position = positions.get(key);
      if (position != null) {
        byPosition(position, answer);
      }
    }

    @Override
    public void others(R answer) {
      prepareAnswers();
      for (int i = 0; i < answered.length; i++) {
        if (!answered[i]) {
          byPosition(i, answer);
        }
      }
    }

    private void prepareAnswers() {
      if (answered.length == 0) {
        answered = new boolean[args.size()];
        for (int i = 0; i < answered.length; i++) {
          answers.add(null);
        }
      }
    }

    /** Gives each call its answer; the calls that have none. */
    List<Call<A, R>> share() {
      prepareAnswers();
      List<Call<A, R>> unanswered = new ArrayList<>(0);
      for (int i = 0; i < answered.length; i++) {
        List<Call<A, R>> group = groups.get(i);
        if (!answered[i]) {
          unanswered.addAll(group);
          continue;
        }
        @SuppressWarnings("NullAway") // an answer may be null: R says so
        R answer = answers.get(i);
        if (group.size() == 1) {
          group.get(0).complete(answer);
        } else {
          List<A> merged = group.stream().map(call -> call.args).toList();
          for (int j = 0; j < merged.size(); j++) {
            group.get(j).complete(batch.share(merged, j, answer));
          }
        }
      }
      return unanswered;
    }
  }
}
