package io.howdah.spring.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Secret;
import io.howdah.session.CreatedSession;
import io.howdah.session.SessionChange;
import io.howdah.session.SessionRequest;
import io.howdah.session.Sessions;
import jakarta.servlet.http.HttpSession;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.session.DelegatingIndexResolver;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.FlushMode;
import org.springframework.session.IndexResolver;
import org.springframework.session.PrincipalNameIndexResolver;
import org.springframework.session.SaveMode;
import org.springframework.session.Session;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Spring Session's sessions in Howdah's. The id of a session is its token, of which the database
 * has no more than the SHA-256; the principal's name is its user.
 *
 * <p>To find a session is to use it: {@link #findById} keeps it alive, and that is written down at
 * most once in the touch interval. {@link #save} writes the attributes that were changed, each as a
 * whole, together with another id, user or interval; a session that has ended meanwhile stays
 * ended. One that another request has given another id meanwhile is found by its handle, where it
 * is known whose it is.
 */
public final class HowdahSessionRepository
    implements FindByIndexNameSessionRepository<HowdahSession> {
  private static final Logger LOG = LoggerFactory.getLogger(HowdahSessionRepository.class);

  /** The attribute of Spring Security, of which the principal's name depends. */
  private static final String SECURITY_CONTEXT = "SPRING_SECURITY_CONTEXT";

  /** How long a session may be idle, in seconds; less than zero: for ever. */
  private static final String IDLE = "@idle";

  private static final Duration FOR_EVER = Duration.ofDays(36_500);

  /** For as long as requests that found a session by its id before may go on. */
  private static final Duration ROTATION = Duration.ofMinutes(2);

  private static final int MOST_ROTATED = 10_000;

  /** To which id of which user this process has changed a session. */
  private record Rotated(String userId, String id) {}

  private final Sessions sessions;
  private final AttributeCodec codec;
  private final HowdahSessionProperties properties;
  private final Duration maxInactiveInterval;
  private final HandleIds handleIds = new HandleIds();
  private final IndexResolver<Session> indexes;
  private final boolean indexesAll;
  private final KnownIds known;
  private final Cache<UUID, Rotated> rotated =
      Caffeine.newBuilder().maximumSize(MOST_ROTATED).expireAfterWrite(ROTATION).build();

  /**
   * @param maxInactiveInterval how long new sessions live without being used; negative: for ever
   * @param indexes says what the principal's name of a session is; null: Spring Session's, by the
   *     attributes that Spring Session and Spring Security keep
   */
  public HowdahSessionRepository(
      Sessions sessions,
      AttributeCodec codec,
      HowdahSessionProperties properties,
      Duration maxInactiveInterval,
      @Nullable IndexResolver<Session> indexes) {
    this.sessions = sessions;
    this.codec = codec;
    this.properties = properties;
    this.maxInactiveInterval = maxInactiveInterval;
    this.indexesAll = indexes != null;
    this.indexes =
        indexes == null
            ? new DelegatingIndexResolver<>(new PrincipalNameIndexResolver<>())
            : indexes;
    this.known = new KnownIds(properties.events().enabled());
  }

  @Override
  public HowdahSession createSession() {
    HowdahSession session = new HowdahSession(this, newId(), maxInactiveInterval);
    changed(session);
    return session;
  }

  @Override
  public void save(HowdahSession session) {
    Map<String, @Nullable Object> changes = session.changes();
    boolean isNew = session.storedId() == null;
    String user = session.userId();
    if (isNew
        || (indexesAll && !changes.isEmpty())
        || changes.containsKey(PRINCIPAL_NAME_INDEX_NAME)
        || changes.containsKey(SECURITY_CONTEXT)) {
      user = user(session);
    }
    String patch = patch(session, isNew);
    if (isNew) {
      session.created(create(session, user, Objects.requireNonNull(patch)));
    } else {
      change(session, user, patch);
    }
    session.saved(user);
  }

  /** The principal's name; null where there is none. */
  private @Nullable String user(HowdahSession session) {
    String name = indexes.resolveIndexesFor(session).get(PRINCIPAL_NAME_INDEX_NAME);
    return name == null || name.isEmpty() ? null : name;
  }

  /** What is to be written, as a JSON object; null: nothing. */
  private @Nullable String patch(HowdahSession session, boolean isNew) {
    Map<String, String> members = new LinkedHashMap<>();
    session
        .changes()
        .forEach((name, value) -> {
          String encoded = value == null ? null : codec.encode(name, value);
          if (encoded != null || !isNew) {
            members.put(member(name), encoded == null ? "null" : encoded);
          }
        });
    if (isNew || session.hasNewIdle()) {
      members.put(IDLE, Long.toString(session.getMaxInactiveInterval().toSeconds()));
    }
    if (members.isEmpty()) {
      return null;
    }
    StringBuilder json = new StringBuilder("{");
    members.forEach((name, value) -> {
      json.append(json.length() > 1 ? "," : "")
          .append(JsonNodeFactory.instance.stringNode(name))
          .append(':')
          .append(value);
    });
    return json.append('}').toString();
  }

  private UUID create(HowdahSession session, @Nullable String user, String data) {
    return known.creating(() -> created(session, user, data)).session().handle();
  }

  private CreatedSession created(HowdahSession session, @Nullable String user, String data) {
    Duration idle = idle(session);
    Duration lifetime = properties.lifetime();
    SessionRequest request =
        (user == null ? SessionRequest.anonymous() : SessionRequest.of(user))
            .withJson(data)
            .withIdle(idle)
            .withLifetime(lifetime.compareTo(idle) < 0 ? idle : lifetime);
    return sessions
        .tryCreate(session.getId(), request)
        .orElseThrow(() ->
            new HowdahException(
                ErrorCode.SESSION_LIMIT,
                "the user has as many sessions as he may, and new ones are refused"));
  }

  private void change(HowdahSession session, @Nullable String user, @Nullable String patch) {
    String id = Objects.requireNonNull(session.storedId());
    UUID handle = Objects.requireNonNull(session.handle());
    boolean there = true;
    Optional<HandleIds.Named> named = handleIds.read(id);
    if (named.isPresent()) {
      if (patch != null) {
        SessionChange change = SessionChange.none().withPatch(patch);
        there = sessions.changeHandle(named.get().userId(), handle, change);
      }
    } else if (session.hasNewId()
        || session.hasNewIdle()
        || !Objects.equals(user, session.userId())) {
      there =
          sessions.change(id, change(session, user, patch, session.hasNewId()))
              || follow(session, user, patch);
      if (there && session.hasNewId()) {
        known.put(handle, session.getId());
        if (user != null) {
          rotated.put(handle, new Rotated(user, session.getId()));
        }
      }
    } else if (patch != null) {
      there = sessions.setJson(id, patch) || follow(session, user, patch);
    }
    if (!there) {
      LOG.debug("a session has ended while a request used it; its changes are left out");
    }
  }

  private static SessionChange change(
      HowdahSession session, @Nullable String user, @Nullable String patch, boolean rotates) {
    SessionChange change = SessionChange.none();
    change = patch == null ? change : change.withPatch(patch);
    change = rotates ? change.rotatedTo(session.getId()) : change;
    change = session.hasNewIdle() ? change.withIdle(idle(session)) : change;
    return Objects.equals(user, session.userId()) ? change : change.assignedTo(user);
  }

  /**
   * Changes a session that another request has given another id since this one found it. It is that
   * of the user whom both have logged in, or whose it was before: so nobody who knew the id before
   * a login gets into the session of somebody else. Of two new ids the first one stays, where both
   * are given in this process, and both answers have it.
   */
  private boolean follow(HowdahSession session, @Nullable String user, @Nullable String patch) {
    UUID handle = Objects.requireNonNull(session.handle());
    Rotated by = rotated.getIfPresent(handle);
    String owner = session.userId() == null ? user : session.userId();
    if (owner == null && by != null) {
      owner = by.userId();
    }
    if (owner == null) {
      return false;
    }
    boolean rotates = session.hasNewId();
    String joined = rotates && by != null && by.userId().equals(owner) ? by.id() : null;
    boolean there =
        sessions.changeHandle(
            owner, handle, change(session, user, patch, rotates && joined == null));
    if (there && joined != null) {
      session.joins(joined);
    }
    return there;
  }

  private static Duration idle(HowdahSession session) {
    Duration interval = session.getMaxInactiveInterval();
    if (interval.isNegative() || interval.compareTo(FOR_EVER) > 0) {
      return FOR_EVER;
    }
    // Zero: it ends at once.
    return interval.isZero() ? Duration.ofNanos(1_000) : interval;
  }

  @Override
  public @Nullable HowdahSession findById(String id) {
    Optional<HandleIds.Named> named = handleIds.read(id);
    if (named.isPresent()) {
      return sessions
          .getHandle(named.get().userId(), named.get().handle())
          .map(session -> session(id, session))
          .orElse(null);
    }
    if (!Sessions.isWellFormed(id)) {
      return null;
    }
    return sessions
        .touch(id)
        .map(session -> {
          known.put(session.handle(), id);
          return session(id, session);
        })
        .orElse(null);
  }

  private HowdahSession session(String id, io.howdah.session.Session session) {
    JsonNode data = codec.tree(session.json());
    JsonNode idle = data.get(IDLE);
    return new HowdahSession(
        this,
        id,
        session,
        data,
        idle != null && idle.isIntegralNumber()
            ? Duration.ofSeconds(idle.longValue())
            : maxInactiveInterval);
  }

  @Override
  public void deleteById(String id) {
    Optional<HandleIds.Named> named = handleIds.read(id);
    if (named.isPresent()) {
      sessions.revokeHandle(named.get().userId(), named.get().handle());
    } else if (Sessions.isWellFormed(id)) {
      sessions.revoke(id);
    }
  }

  /**
   * The sessions of a principal, by ids that this process alone takes: the database does not know
   * their tokens. Attributes can be changed by them, and sessions deleted. The session of the
   * request that this thread serves has its own id, by which Spring Security knows it again.
   */
  @Override
  public Map<String, HowdahSession> findByIndexNameAndIndexValue(
      String indexName, String indexValue) {
    Map<String, HowdahSession> found = new LinkedHashMap<>();
    if (PRINCIPAL_NAME_INDEX_NAME.equals(indexName) && !indexValue.isEmpty()) {
      List<io.howdah.session.Session> all = sessions.list(indexValue);
      String own = all.isEmpty() ? null : ownId();
      UUID ownHandle =
          own == null
              ? null
              : sessions.get(own).map(io.howdah.session.Session::handle).orElse(null);
      for (io.howdah.session.Session session : all) {
        String id =
            own != null && session.handle().equals(ownHandle)
                ? own
                : handleIds.of(indexValue, session.handle());
        found.put(id, session(id, session));
      }
    }
    return found;
  }

  /** The id of the session of the request that this thread serves; null where there is none. */
  private static @Nullable String ownId() {
    if (!(RequestContextHolder.getRequestAttributes()
        instanceof ServletRequestAttributes request)) {
      return null;
    }
    HttpSession session = request.getRequest().getSession(false);
    return session != null && Sessions.isWellFormed(session.getId()) ? session.getId() : null;
  }

  /** What a session is found by in an event: its id where this process has seen it. */
  String idOf(UUID handle) {
    return known.of(handle);
  }

  /** Something has changed, which is written at once where the application wants that. */
  void changed(HowdahSession session) {
    if (properties.flushMode() == FlushMode.IMMEDIATE) {
      save(session);
    }
  }

  String newId() {
    return Secret.make();
  }

  SaveMode saveMode() {
    return properties.saveMode();
  }

  AttributeCodec codec() {
    return codec;
  }

  /** The member of the stored object for an attribute; those with one @ are the repository's. */
  static String member(String attribute) {
    return attribute.startsWith("@") ? "@" + attribute : attribute;
  }

  /** The attribute of a member; null where it is the repository's. */
  static @Nullable String attribute(String member) {
    if (!member.startsWith("@")) {
      return member;
    }
    return member.startsWith("@@") ? member.substring(1) : null;
  }
}
