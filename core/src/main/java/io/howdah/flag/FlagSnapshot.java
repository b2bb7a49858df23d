package io.howdah.flag;

import io.howdah.InvalidArgumentException;
import io.howdah.flag.FlagOperation.Loaded;
import io.howdah.flag.FlagOperation.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All flags as they were after one change, made ready to be asked. Immutable. */
final class FlagSnapshot {
  private static final Logger LOG = LoggerFactory.getLogger(FlagSnapshot.class);

  /**
   * One flag.
   *
   * @param text the definition as the database has it
   * @param flag null when this library cannot read it
   * @param compiled null then, too
   */
  record Entry(String text, long revision, @Nullable Flag flag, @Nullable CompiledFlag compiled) {
    Optional<FlagDefinition> definition() {
      return Optional.ofNullable(flag).map(Flag::definition);
    }
  }

  private final String stamp;
  private final long revision;
  private final Map<String, Entry> entries;

  private FlagSnapshot(String stamp, long revision, Map<String, Entry> entries) {
    this.stamp = stamp;
    this.revision = revision;
    this.entries = entries;
  }

  /** Flags that are as they were in {@code before} are taken from there. */
  static FlagSnapshot of(Loaded loaded, @Nullable FlagSnapshot before) {
    Map<String, Entry> entries = new HashMap<>();
    for (Row row : loaded.rows()) {
      Entry known = before == null ? null : before.entries.get(row.name());
      boolean same =
          known != null
              && known.revision() == row.revision()
              && known.text().equals(row.definition());
      entries.put(row.name(), same ? known : entry(row));
    }
    return new FlagSnapshot(loaded.stamp(), loaded.revision(), entries);
  }

  private static Entry entry(Row row) {
    try {
      Flag flag = Flags.flag(row);
      return new Entry(
          row.definition(),
          row.revision(),
          flag,
          new CompiledFlag(row.name(), flag.definition().parts()));
    } catch (InvalidArgumentException e) {
      LOG.error("the flag {} cannot be read, and has its default: {}", row.name(), e.getMessage());
      return new Entry(row.definition(), row.revision(), null, null);
    }
  }

  @Nullable Entry entry(String name) {
    return entries.get(name);
  }

  String stamp() {
    return stamp;
  }

  long revision() {
    return revision;
  }

  int size() {
    return entries.size();
  }

  /** What is different from {@code before}, in the order of the names. */
  List<FlagEvent> since(FlagSnapshot before) {
    TreeSet<String> names = new TreeSet<>(entries.keySet());
    names.addAll(before.entries.keySet());
    List<FlagEvent> events = new ArrayList<>();
    for (String name : names) {
      Entry old = before.entries.get(name);
      Entry now = entries.get(name);
      if (old == null || now == null || !old.text().equals(now.text())) {
        events.add(
            new FlagEvent(
                name,
                old == null ? Optional.empty() : old.definition(),
                now == null ? Optional.empty() : now.definition()));
      }
    }
    return events;
  }
}
