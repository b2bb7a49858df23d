package io.howdah.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once for each attribute and type that it could not be read, and not what it holds. */
final class UndecodableLog implements Consumer<UndecodableAttribute> {
  private static final Logger LOG = LoggerFactory.getLogger(UndecodableLog.class);

  /** A program has no more kinds of attributes than it has names for. */
  private static final int MOST = 1_000;

  private final Set<String> said = ConcurrentHashMap.newKeySet();

  @Override
  public void accept(UndecodableAttribute attribute) {
    String kind = attribute.name() + " " + attribute.type();
    if (said.size() < MOST && said.add(kind)) {
      LOG.warn(
          "the attribute '{}' of the session {} cannot be read as {} ({}): it counts as absent, and stays"
              + " as it is",
          attribute.name(),
          attribute.handle(),
          attribute.type(),
          attribute.cause().getClass().getSimpleName());
    }
  }
}
