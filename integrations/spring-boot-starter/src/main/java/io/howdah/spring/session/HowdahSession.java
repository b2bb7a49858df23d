package io.howdah.spring.session;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.session.SaveMode;
import org.springframework.session.Session;
import tools.jackson.databind.JsonNode;

/**
 * A session as one request sees it; {@link HowdahSessionRepository#save} writes what it has
 * changed. As others of Spring Session it is not thread-safe. Its id opens it.
 */
public final class HowdahSession implements Session {
  private final HowdahSessionRepository repository;
  private final Instant creationTime;

  /** What the database has; null in a new session. */
  private @Nullable JsonNode stored;

  /** Attributes that were decoded or set. */
  private final Map<String, Object> values = new HashMap<>();

  /** Stored ones that cannot be read. */
  private final Set<String> unreadable = new HashSet<>();

  /** By their names, what is to be written; null removes. */
  private final Map<String, @Nullable Object> changes = new LinkedHashMap<>();

  /** Under which the database knows it; null in a new session. */
  private @Nullable String storedId;

  /** Whatever its id is; null in a new session. */
  private @Nullable UUID handle;

  private @Nullable String userId;
  private String id;
  private Instant lastAccessedTime;
  private long usedAt = System.nanoTime();
  private Duration maxInactiveInterval;
  private boolean idleChanged;

  /** A new one. */
  HowdahSession(HowdahSessionRepository repository, String id, Duration maxInactiveInterval) {
    this.repository = repository;
    this.id = id;
    this.creationTime = Instant.now();
    this.lastAccessedTime = creationTime;
    this.maxInactiveInterval = maxInactiveInterval;
  }

  /** One that the database has. */
  HowdahSession(
      HowdahSessionRepository repository,
      String id,
      io.howdah.session.Session session,
      JsonNode stored,
      Duration maxInactiveInterval) {
    this.repository = repository;
    this.id = id;
    this.storedId = id;
    this.stored = stored;
    this.handle = session.handle();
    this.creationTime = session.createdAt();
    this.lastAccessedTime = session.lastAccessedAt();
    this.userId = session.userId().orElse(null);
    this.maxInactiveInterval = maxInactiveInterval;
    if (repository.saveMode() == SaveMode.ALWAYS) {
      getAttributeNames().forEach(name -> changes.put(name, values.get(name)));
    }
  }

  @Override
  public String getId() {
    return id;
  }

  @Override
  public String changeSessionId() {
    id = repository.newId();
    return id;
  }

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as the interface has it
  public <T> @Nullable T getAttribute(String attributeName) {
    Object value = value(attributeName);
    if (value != null && repository.saveMode() == SaveMode.ON_GET_ATTRIBUTE) {
      changes.put(attributeName, value);
    }
    return (T) value;
  }

  private @Nullable Object value(String name) {
    Object known = values.get(name);
    if (known != null || stored == null || unreadable.contains(name) || changes.containsKey(name)) {
      return known;
    }
    JsonNode node = stored.get(HowdahSessionRepository.member(name));
    if (node == null) {
      return null;
    }
    Object value = repository.codec().decode(name, node);
    if (value == null) {
      unreadable.add(name);
    } else {
      values.put(name, value);
    }
    return value;
  }

  /** Those that can be read. */
  @Override
  public Set<String> getAttributeNames() {
    Set<String> names = new LinkedHashSet<>();
    if (stored != null) {
      for (String member : stored.propertyNames()) {
        String name = HowdahSessionRepository.attribute(member);
        if (name != null && value(name) != null) {
          names.add(name);
        }
      }
    }
    names.addAll(values.keySet());
    return names;
  }

  @Override
  public void setAttribute(String attributeName, @Nullable Object attributeValue) {
    if (attributeValue == null) {
      values.remove(attributeName);
    } else {
      values.put(attributeName, attributeValue);
    }
    changes.put(attributeName, attributeValue);
    repository.changed(this);
  }

  @Override
  public void removeAttribute(String attributeName) {
    setAttribute(attributeName, null);
  }

  @Override
  public Instant getCreationTime() {
    return creationTime;
  }

  /** For this request; the database notes the use of a session by its own clock. */
  @Override
  public void setLastAccessedTime(Instant lastAccessedTime) {
    this.lastAccessedTime = lastAccessedTime;
    this.usedAt = System.nanoTime();
  }

  @Override
  public Instant getLastAccessedTime() {
    return lastAccessedTime;
  }

  @Override
  public void setMaxInactiveInterval(Duration interval) {
    if (!interval.equals(maxInactiveInterval)) {
      maxInactiveInterval = interval;
      idleChanged = true;
      repository.changed(this);
    }
  }

  @Override
  public Duration getMaxInactiveInterval() {
    return maxInactiveInterval;
  }

  /** Whether it has not been used for so long since it was found; the database decides. */
  @Override
  public boolean isExpired() {
    return !maxInactiveInterval.isNegative()
        && Duration.ofNanos(System.nanoTime() - usedAt).compareTo(maxInactiveInterval) >= 0;
  }

  /** Without its id and attributes. */
  @Override
  public String toString() {
    return "HowdahSession[creationTime=" + creationTime + "]";
  }

  @Nullable String storedId() {
    return storedId;
  }

  @Nullable UUID handle() {
    return handle;
  }

  @Nullable String userId() {
    return userId;
  }

  Map<String, @Nullable Object> changes() {
    return changes;
  }

  boolean hasNewId() {
    return !Objects.equals(id, storedId);
  }

  boolean hasNewIdle() {
    return idleChanged;
  }

  /** The database has it from now on. */
  void created(UUID handle) {
    this.handle = handle;
  }

  /** Another request has given it this id, at the same time as this one would have another one. */
  void joins(String id) {
    this.id = id;
  }

  /** The database has it as it is now. */
  void saved(@Nullable String user) {
    storedId = id;
    userId = user;
    idleChanged = false;
    changes.forEach((name, value) -> {
      // What is stored is older from now on, also where it is removed.
      if (value == null) {
        unreadable.add(name);
      } else {
        unreadable.remove(name);
      }
    });
    changes.clear();
  }
}
