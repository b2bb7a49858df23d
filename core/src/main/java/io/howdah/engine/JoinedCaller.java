package io.howdah.engine;

import io.howdah.Durability;
import io.howdah.HowdahException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Calls on a connection of the caller's, inside its transaction when it has one, with its settings.
 * Not thread-safe, as the connection.
 */
public final class JoinedCaller implements Caller {
  private final Connection connection;
  private final Engine engine;
  private final Statements statements;

  /** Calls on {@code connection}, on the schema of {@code engine}. */
  public JoinedCaller(Connection connection, Engine engine) {
    this.connection = connection;
    this.engine = engine;
    this.statements = engine.statements();
  }

  @Override
  public <A, R extends @Nullable Object> R call(Operation<A, R> operation, A args) {
    HowdahException fault = engine.fault(operation);
    if (fault != null) {
      throw fault;
    }
    // Not over this connection: the caller's transaction is no place for it.
    engine.awaitFirstUse();
    try (PreparedStatement statement =
        connection.prepareStatement(statements.of(operation, Durability.EPHEMERAL).joined())) {
      operation.bind(args, new SqlArguments(statement));
      return StatementRunner.read(statement.executeQuery(), operation, args, 0);
    } catch (SQLException e) {
      throw SqlErrors.translate(e, operation.isWrite());
    }
  }

  @Override
  public @Nullable Engine engine() {
    return null;
  }
}
