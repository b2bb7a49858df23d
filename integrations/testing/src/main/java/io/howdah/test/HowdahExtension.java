package io.howdah.test;

import io.howdah.Howdah;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a {@link Howdah} on a Postgres, as a parameter of their methods or constructor; also
 * its {@link HowdahTesting}, the {@link HowdahPostgres} and a {@link DataSource} that opens a new
 * connection each time.
 *
 * <p>The classes nested in a test class share its Howdah, which has a schema of its own. That is
 * made at the first use, and dropped after the last test of the outermost class. Its sweeper is
 * off. After each test, calls fail no more.
 *
 * <p>With the annotation {@link HowdahTest}, or where something is to be set, registered:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final HowdahExtension HOWDAH =
 *     HowdahExtension.on(HowdahPostgres::shared).configured(builder -> builder.lanes(2));
 * }</pre>
 */
public final class HowdahExtension implements ParameterResolver, AfterEachCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(HowdahExtension.class);

  private final Supplier<HowdahPostgres> postgres;
  private final UnaryOperator<Howdah.Builder> configure;

  /** On the shared Postgres; for {@code @ExtendWith}. */
  public HowdahExtension() {
    this(HowdahPostgres::shared, builder -> builder);
  }

  private HowdahExtension(
      Supplier<HowdahPostgres> postgres, UnaryOperator<Howdah.Builder> configure) {
    this.postgres = postgres;
    this.configure = configure;
  }

  /**
   * On another Postgres.
   *
   * @param postgres is asked when a test class first needs it, and closed after that class
   */
  public static HowdahExtension on(Supplier<HowdahPostgres> postgres) {
    return new HowdahExtension(postgres, builder -> builder);
  }

  /** The same with other settings of the Howdah. */
  public HowdahExtension configured(UnaryOperator<Howdah.Builder> configure) {
    return new HowdahExtension(postgres, configure);
  }

  /** What the tests of one class use. */
  private record Equipment(
      HowdahPostgres postgres, String schema, Howdah howdah, HowdahTesting testing)
      implements AutoCloseable {
    @Override
    public void close() {
      try (postgres) {
        howdah.close();
        postgres.drop(schema);
      }
    }
  }

  private Equipment open(Class<?> testClass) {
    HowdahPostgres server = postgres.get();
    String schema = HowdahPostgres.newSchema(testClass);
    try {
      Howdah howdah =
          configure.apply(Howdah.builder(server.dataSource()).schema(schema).sweeper(false)).open();
      return new Equipment(server, schema, howdah, HowdahTesting.of(howdah));
    } catch (RuntimeException | Error e) {
      server.close();
      throw e;
    }
  }

  /** What is in a store is closed with its context, here that of the outermost class. */
  private Equipment equipment(ExtensionContext context) {
    ExtensionContext outermost = outermost(context);
    return outermost
        .getStore(NAMESPACE)
        .computeIfAbsent(this, key -> open(outermost.getRequiredTestClass()), Equipment.class);
  }

  private static ExtensionContext outermost(ExtensionContext context) {
    ExtensionContext outermost = context;
    ExtensionContext next = context;
    while (next != null) {
      if (next.getTestClass().isPresent()) {
        outermost = next;
      }
      next = next.getParent().orElse(null);
    }
    return outermost;
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Howdah.class
        || type == HowdahTesting.class
        || type == HowdahPostgres.class
        || type == DataSource.class;
  }

  @Override
  public @Nullable Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Equipment equipment = equipment(context);
    Class<?> type = parameter.getParameter().getType();
    if (type == Howdah.class) {
      return equipment.howdah;
    }
    if (type == HowdahTesting.class) {
      return equipment.testing;
    }
    return type == HowdahPostgres.class ? equipment.postgres : equipment.postgres.dataSource();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Equipment used = outermost(context).getStore(NAMESPACE).get(this, Equipment.class);
    if (used != null) {
      used.testing.stopFailing();
    }
  }
}
