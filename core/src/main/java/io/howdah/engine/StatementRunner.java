package io.howdah.engine;

import io.howdah.CallFailedException;
import io.howdah.CallFailedException.Outcome;
import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends calls over a lane, as one statement or singly, and gives every call its answer, its error,
 * or another try.
 *
 * <p>What is tried again, and only this: what the database has certainly rolled back (a lock
 * timeout, a deadlock, any error in a batch), and reads.
 */
final class StatementRunner {
  private static final Logger LOG = LoggerFactory.getLogger(StatementRunner.class);
  private static final int MOST_ATTEMPTS = 5;

  private final EngineSettings settings;
  private final long graceNanos;
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

    /** Puts a call that was sent behind its predecessor, if that is not over; whether it did. */
    boolean putBehindPredecessor(Call<?, ?> call);

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
    this.graceNanos = Watch.graceNanos(settings);
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

  <A> Durability levelOf(Operation<A, ?> operation, A args) {
    return operation.level(args, levels);
  }

  /** Runs one call that has been sent (see {@link Call#trySend}). */
  <A, R extends @Nullable Object> void runSingle(Lane lane, Call<A, R> call, long patienceMillis) {
    if (call.isLate()) {
      call.fail(call.timedOut(false));
    } else {
      attemptSingle(lane, call, patienceMillis);
    }
    if (call.isOver()) {
      deliver(List.of(call));
    }
  }

  private <A, R extends @Nullable Object> void attemptSingle(
      Lane lane, Call<A, R> call, long patienceMillis) {
    Operation<A, R> operation = call.operation;
    long start = System.nanoTime();
    try {
      Durability level = levelOf(operation, call.args);
      Statements.Forms forms = statements.of(operation, level);
      boolean patient =
          operation.isWrite()
              && (level == Durability.RELAXED
                  || patienceMillis != settings.lockTimeout().toMillis()
                  || !lane.hasLockTimeout());
      PreparedStatement statement = lane.prepare(patient ? forms.patient() : forms.single());
      SqlArguments arguments = new SqlArguments(statement);
      int offset = 0;
      if (patient) {
        String namespace = level == Durability.RELAXED ? operation.namespace(call.args) : null;
        arguments.text(Long.toString(patienceMillis)).text(namespace);
        offset = Statements.PATIENT_COLUMNS;
      }
      operation.bind(call.args, arguments);
      R answer = answer(lane, statement, forms, call, offset);
      // Before its caller may see the answer: what he then asks for counts it.
      metrics.statement(
          operation.name(), 1, start - call.submittedNanos, System.nanoTime() - start);
      call.complete(answer);
    } catch (SQLException e) {
      recover(lane, List.of(call), e);
    } catch (HowdahException e) {
      call.fail(e);
    } catch (RuntimeException | Error e) {
      failAll(lane, List.of(call), e);
    }
  }

  /** The answer of the statement, or where that is in doubt, of the one that knows all places. */
  private <A, R extends @Nullable Object> R answer(
      Lane lane, PreparedStatement statement, Statements.Forms forms, Call<A, R> call, int offset)
      throws SQLException {
    Operation<A, R> operation = call.operation;
    try {
      R answer = read(lane, statement, call, offset);
      if (!operation.isInDoubt(answer)) {
        return answer;
      }
    } catch (SQLException e) {
      if (operation.isWrite() || !SqlErrors.isUnloggedOnStandby(e)) {
        throw e;
      }
    }
    PreparedStatement everywhere = lane.prepare(forms.own());
    operation.bind(call.args, new SqlArguments(everywhere));
    return read(lane, everywhere, call, 0);
  }

  private <A, R extends @Nullable Object> R read(
      Lane lane, PreparedStatement statement, Call<A, R> call, int offset) throws SQLException {
    return read(
        lane.execute(statement, call.deadlineNanos + graceNanos),
        call.operation,
        call.args,
        offset);
  }

  /** Reads the answer of one call, and closes it. */
  static <A, R extends @Nullable Object> R read(
      ResultSet rows, Operation<A, R> operation, A args, int offset) throws SQLException {
    try (rows) {
      SqlRows answer = new SqlRows(rows, offset);
      if (!operation.isQuery() && !answer.next()) {
        throw new HowdahException(ErrorCode.DATABASE, operation.name() + ": no row in the answer");
      }
      return operation.read(args, answer);
    }
  }

  /** After an error that is not Postgres's: what the connection would say next is unknown. */
  private void failAll(Lane lane, List<? extends Call<?, ?>> calls, Throwable e) {
    LOG.error("a statement failed", e);
    lane.discard();
    for (Call<?, ?> call : calls) {
      if (!call.isOver()) {
        call.fail(
            new CallFailedException(
                ErrorCode.DATABASE,
                call.operation.isWrite() ? Outcome.UNKNOWN : Outcome.NOT_APPLIED,
                call.operation.name() + ": " + e,
                e));
      }
    }
  }

  /** Decides for calls that were one statement what becomes of them after an error. */
  private void recover(Lane lane, List<? extends Call<?, ?>> calls, SQLException e) {
    metrics.failure(calls.get(0).operation.name(), SqlErrors.state(e));
    if (SqlErrors.lostPreparedStatement(e)) {
      connector.stopPreparing();
      lane.discard();
      calls.forEach(call -> retry(call, e));
    } else if (lane.wasAborted() || SqlErrors.brokeConnection(e)) {
      recoverBroken(lane, calls, e);
    } else {
      for (Call<?, ?> call : calls) {
        if (SqlErrors.rowLocked(e) && !call.operation.isLong()) {
          followup.quarantine(call);
        } else if (SqlErrors.rolledBackByConflict(e)) {
          retry(call, e);
        } else {
          call.fail(SqlErrors.translate(e, call.operation.isWrite()));
        }
      }
    }
  }

  /** Ends calls that were taken for a lane that cannot connect. */
  void failUnreachable(List<? extends Call<?, ?>> calls, SQLException e) {
    metrics.failure(calls.get(0).operation.name(), SqlErrors.state(e));
    calls.forEach(call -> call.fail(unreachable(e)));
    deliver(calls);
  }

  /** Ends calls before which something could not be done; none of them was sent. */
  void failUnfit(List<? extends Call<?, ?>> calls, HowdahException e) {
    String state = e.sqlState();
    metrics.failure(calls.get(0).operation.name(), state == null ? "" : state);
    calls.forEach(call ->
        call.fail(
            new CallFailedException(
                e.code(), Outcome.NOT_APPLIED, String.valueOf(e.getMessage()), e.getCause())));
    deliver(calls);
  }

  private static CallFailedException unreachable(SQLException e) {
    return new CallFailedException(
        ErrorCode.UNAVAILABLE,
        Outcome.NOT_APPLIED,
        "cannot connect to Postgres: " + e.getMessage(),
        e);
  }

  private void recoverBroken(Lane lane, List<? extends Call<?, ?>> calls, SQLException e) {
    boolean neverSent = !lane.isOpen();
    boolean overdue = lane.wasAborted();
    lane.discard();
    if (!neverSent) {
      connector.countFailure();
    }
    for (Call<?, ?> call : calls) {
      if (neverSent) {
        call.fail(unreachable(e));
      } else if (overdue) {
        call.fail(call.timedOut(true));
      } else if (call.operation.isWrite()) {
        call.fail(SqlErrors.translate(e, true));
      } else {
        retry(call, e);
      }
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

  /** Runs calls of one queue that have been sent. Those that could not ride come back. */
  <A, R extends @Nullable Object> List<Call<A, R>> runBatch(
      Lane lane, Operation<A, R> operation, Durability level, List<Call<A, R>> calls) {
    Batch<A, R> batch = operation.batch();
    if (batch == null || calls.size() == 1) {
      runSingly(lane, calls, settings.lockTimeout().toMillis());
      return List.of();
    }
    Riders<A, R> riders = new Riders<>(operation, batch, level, calls.size());
    List<Call<A, R>> left = List.of();
    for (Call<A, R> call : calls) {
      if (!riders.board(call)) {
        left = left.isEmpty() ? new ArrayList<>() : left;
        left.add(call);
      }
    }
    run(lane, riders, true);
    return left;
  }

  /** One after the other; none overtakes an earlier call of its thread that had to wait. */
  private <A, R extends @Nullable Object> void runSingly(
      Lane lane, List<Call<A, R>> calls, long patienceMillis) {
    for (Call<A, R> call : calls) {
      if (!followup.putBehindPredecessor(call)) {
        runSingle(lane, call, patienceMillis);
      }
    }
  }

  private <A, R extends @Nullable Object> void run(
      Lane lane, Riders<A, R> riders, boolean mayRepeat) {
    Operation<A, R> operation = riders.operation;
    List<Call<A, R>> all = riders.calls();
    long start = System.nanoTime();
    try {
      Statements.Forms forms = statements.of(operation, riders.level);
      String quick = lane.hasLockTimeout() ? forms.quickBatch() : null;
      PreparedStatement statement =
          lane.prepare(quick != null ? quick : Objects.requireNonNull(forms.batch()));
      SqlArguments arguments = new SqlArguments(statement);
      riders.batch.bind(riders.args(), arguments);
      if (operation.isWrite() && quick == null) {
        arguments.int8(lane.hasLockTimeout() ? null : settings.lockTimeout().toMillis()).bool(true);
      }
      try (ResultSet rows = lane.execute(statement, lastDeadline(all) + graceNanos)) {
        riders.batch.read(riders.args(), new SqlRows(rows, 0), riders);
      }
    } catch (SQLException e) {
      recoverBatch(lane, riders, mayRepeat, e);
      return;
    } catch (RuntimeException | Error e) {
      failAll(lane, all, e);
      deliver(all);
      return;
    }
    metrics.statement(
        operation.name(), all.size(), start - all.get(0).submittedNanos, System.nanoTime() - start);
    List<Call<A, R>> unanswered = riders.share();
    deliver(all);
    runSingly(lane, unanswered, settings.lockTimeout().toMillis());
  }

  private static long lastDeadline(List<? extends Call<?, ?>> calls) {
    long last = calls.get(0).deadlineNanos;
    for (Call<?, ?> call : calls) {
      last = call.deadlineNanos - last > 0 ? call.deadlineNanos : last;
    }
    return last;
  }

  private <A, R extends @Nullable Object> void recoverBatch(
      Lane lane, Riders<A, R> riders, boolean mayRepeat, SQLException e) {
    Operation<A, R> operation = riders.operation;
    List<Call<A, R>> calls = riders.calls();
    if (lane.wasAborted() || SqlErrors.brokeConnection(e) || SqlErrors.lostPreparedStatement(e)) {
      recover(lane, calls, e);
      deliver(calls);
      return;
    }
    metrics.failure(operation.name(), SqlErrors.state(e));
    if (SqlErrors.mixedLevels(e)) {
      levels.refresh();
    } else if (mayRepeat && SqlErrors.rowLocked(e)) {
      Riders<A, R> free = setBusyAside(lane, riders);
      if (!free.isEmpty()) {
        run(lane, free, false);
      }
      return;
    } else if (mayRepeat && SqlErrors.rolledBackByConflict(e)) {
      run(lane, riders, false);
      return;
    }
    // One of them is at fault, and only its caller shall see it.
    runSingly(lane, calls, 1);
  }

  /** Quarantines the calls whose rows others hold now; the others. */
  private <A, R extends @Nullable Object> Riders<A, R> setBusyAside(
      Lane lane, Riders<A, R> riders) {
    Set<Integer> busy;
    try {
      busy = busy(lane, riders.operation, riders.args());
    } catch (SQLException e) {
      recover(lane, riders.calls(), e);
      deliver(riders.calls());
      return new Riders<>(riders.operation, riders.batch, riders.level, 0);
    }
    Riders<A, R> free = new Riders<>(riders.operation, riders.batch, riders.level, riders.size());
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
      metrics.quarantined(riders.operation.name(), busy.size());
    }
    return free;
  }

  /** The positions of the calls whose rows other transactions hold now, as far as can be asked. */
  <A, R extends @Nullable Object> Set<Integer> busy(
      Lane lane, Operation<A, R> operation, List<A> args) throws SQLException {
    Set<Integer> busy = new TreeSet<>();
    String sql = statements.of(operation, Durability.EPHEMERAL).busy();
    if (sql == null) {
      return busy;
    }
    PreparedStatement statement = lane.prepare(sql);
    operation.bindBusy(args, new SqlArguments(statement));
    long deadline = System.nanoTime() + settings.callTimeout().toNanos();
    try (ResultSet rows = lane.execute(statement, deadline)) {
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
      waiting.forEach(followup::over);
      waiting.forEach(this::completeFuture);
    }
  }

  /**
   * User code hangs on futures: it must not run on a lane's thread, nor one call's hold up
   * another's.
   */
  void completeFuture(Call<?, ?> call) {
    if (call.isAwaited) {
      call.completeFuture();
      return;
    }
    try {
      futures.execute(call::completeFuture);
    } catch (RejectedExecutionException e) {
      call.completeFuture();
    }
  }
}
