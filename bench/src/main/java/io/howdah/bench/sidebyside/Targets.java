package io.howdah.bench.sidebyside;

import io.howdah.bench.server.Servers;
import java.util.List;

/**
 * The contestants that a benchmark has, by name.
 *
 * @param <T> what drives one of them
 * @param <S> the settings it is made for
 */
public final class Targets<T, S> {

  /** Howdah's lanes, a few for waking up and listening, and some to spare. */
  private static final int HOWDAH_CONNECTIONS = 12;

  /** For our own statements, and for whoever looks on with psql. */
  private static final int SPARE_CONNECTIONS = 10;

  /** Makes what drives a contestant, and starts the server that it needs. */
  public interface Factory<T, S> {
    T create(Servers servers, S settings) throws Exception;
  }

  /** What a contestant takes of the machine, besides its own threads. */
  private enum Needs {
    REDIS,
    JDBC,
    HOWDAH
  }

  /** A contestant that can be chosen. */
  public static final class Definition<T, S> {
    private final String name;
    private final Needs needs;
    private final Factory<T, S> factory;

    private Definition(String name, Needs needs, Factory<T, S> factory) {
      this.name = name;
      this.needs = needs;
      this.factory = factory;
    }
  }

  private final List<Definition<T, S>> all;

  /** In the order in which they are named. */
  public Targets(List<Definition<T, S>> all) {
    this.all = List.copyOf(all);
  }

  /** One that is on Redis. */
  public static <T, S> Definition<T, S> redis(String name, Factory<T, S> factory) {
    return new Definition<>(name, Needs.REDIS, factory);
  }

  /** One that has a pool of connections to Postgres. */
  public static <T, S> Definition<T, S> jdbc(String name, Factory<T, S> factory) {
    return new Definition<>(name, Needs.JDBC, factory);
  }

  /** One that is Howdah. */
  public static <T, S> Definition<T, S> howdah(String name, Factory<T, S> factory) {
    return new Definition<>(name, Needs.HOWDAH, factory);
  }

  /** The names of all contestants. */
  public List<String> names() {
    return all.stream().map(each -> each.name).toList();
  }

  /** The names of all contestants that can be run without Redis. */
  public List<String> namesWithoutRedis() {
    return all.stream().filter(each -> each.needs != Needs.REDIS).map(each -> each.name).toList();
  }

  /**
   * Whether this contestant needs {@code redis-server}.
   *
   * @throws IllegalArgumentException when there is no such contestant; the message names those that
   *     there are
   */
  public boolean needsRedis(String name) {
    return definition(name).needs == Needs.REDIS;
  }

  /**
   * How many connections to Postgres these need at the same time.
   *
   * @param mostThreads how many threads call one of them, at most
   */
  public int postgresConnections(SideBySideSettings settings, int mostThreads) {
    int connections = SPARE_CONNECTIONS;
    for (String name : settings.targets()) {
      connections +=
          switch (definition(name).needs) {
            case REDIS -> 0;
            case JDBC -> Math.min(settings.jdbcPool(), mostThreads);
            case HOWDAH -> HOWDAH_CONNECTIONS;
          };
    }
    return connections;
  }

  /** Makes what drives a contestant. */
  public T create(String name, Servers servers, S settings) throws Exception {
    return definition(name).factory.create(servers, settings);
  }

  private Definition<T, S> definition(String name) {
    return all.stream()
        .filter(each -> each.name.equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "'" + name + "' is no contestant; there are " + String.join(", ", names())));
  }
}
