package io.howdah.bench.sidebyside;

import io.howdah.bench.server.Program;
import io.howdah.bench.server.Servers;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

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

  /** What a contestant takes of Postgres. */
  private enum Connects {
    NOT,
    BY_POOL,
    AS_HOWDAH
  }

  /** A contestant that can be chosen. */
  public static final class Definition<T, S> {
    private final String name;
    private final Connects connects;
    private final Set<Program> programs;
    private final Factory<T, S> factory;

    private Definition(
        String name, Connects connects, Set<Program> programs, Factory<T, S> factory) {
      this.name = name;
      this.connects = connects;
      this.programs = programs;
      this.factory = factory;
    }

    /** The same one, which needs a program as well. */
    public Definition<T, S> with(Program program) {
      Set<Program> more = EnumSet.of(program);
      more.addAll(programs);
      return new Definition<>(name, connects, more, factory);
    }
  }

  private final List<Definition<T, S>> all;

  /** In the order in which they are named. */
  public Targets(List<Definition<T, S>> all) {
    this.all = List.copyOf(all);
  }

  /** One that is on Redis. */
  public static <T, S> Definition<T, S> redis(String name, Factory<T, S> factory) {
    return new Definition<>(name, Connects.NOT, Set.of(Program.REDIS), factory);
  }

  /** One that has a pool of connections to Postgres. */
  public static <T, S> Definition<T, S> jdbc(String name, Factory<T, S> factory) {
    return new Definition<>(name, Connects.BY_POOL, Set.of(), factory);
  }

  /** One that is Howdah. */
  public static <T, S> Definition<T, S> howdah(String name, Factory<T, S> factory) {
    return new Definition<>(name, Connects.AS_HOWDAH, Set.of(), factory);
  }

  /** The names of all contestants. */
  public List<String> names() {
    return all.stream().map(each -> each.name).toList();
  }

  /** The names of the contestants that these programs are enough for. */
  public List<String> names(Set<Program> programs) {
    return all.stream()
        .filter(each -> programs.containsAll(each.programs))
        .map(each -> each.name)
        .toList();
  }

  /**
   * The programs that a contestant needs.
   *
   * @throws IllegalArgumentException when there is no such contestant; the message names those that
   *     there are
   */
  public Set<Program> programs(String name) {
    return definition(name).programs;
  }

  /**
   * How many connections to Postgres these need at the same time.
   *
   * @param mostThreads how many threads call one of them, at most
   */
  public int postgresConnections(SideBySideSettings settings, int mostThreads) {
    return postgresConnections(settings.targets(), settings.jdbcPool(), mostThreads);
  }

  /** The same, where the settings name them otherwise. */
  public int postgresConnections(List<String> names, int jdbcPool, int mostThreads) {
    int connections = SPARE_CONNECTIONS;
    for (String name : names) {
      connections +=
          switch (definition(name).connects) {
            case NOT -> 0;
            case BY_POOL -> Math.min(jdbcPool, mostThreads);
            case AS_HOWDAH -> HOWDAH_CONNECTIONS;
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
