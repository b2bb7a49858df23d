package io.howdah.session;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.Secret;
import io.howdah.channel.ChannelSubscription;
import io.howdah.channel.Channels;
import io.howdah.engine.Caller;
import io.howdah.engine.Engine;
import io.howdah.session.SessionOperations.Counting;
import io.howdah.session.SessionOperations.Creation;
import io.howdah.session.SessionOperations.Handle;
import io.howdah.session.SessionOperations.Rotation;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of users. Thread-safe, cheap to make, nothing to close.
 *
 * <pre>{@code
 * CreatedSession created = sessions.create(SessionRequest.of("ann").with("cart", cart));
 * Optional<Session> session = sessions.touch(created.token());
 * Optional<Cart> found = session.flatMap(s -> s.attribute("cart", Cart.class));
 * }</pre>
 *
 * <p>A session is known by its token: 256 random bits in 43 characters, which are handed out once.
 * The database knows no more than their SHA-256. A session ends when it has not been used for its
 * idle time, and at the end of its lifetime at the latest; it is gone at that moment, by Postgres's
 * clock. {@link SessionSettings} say how sessions are kept.
 *
 * <p>Attributes are the members of a JSON object, of at most 1 MiB together.
 *
 * <p>All methods throw {@link InvalidArgumentException} for arguments outside their limits, before
 * anything is sent, and a token that has not the form of one is such an argument ({@link
 * #isWellFormed}); {@link io.howdah.CallFailedException} when there was no answer, which says
 * whether a write may have happened; and {@link HowdahException} with {@link ErrorCode#CODEC} when
 * an attribute cannot be made JSON of.
 */
public final class Sessions {
  private final SessionShape shape;
  private final Caller caller;
  private final Channels channels;

  Sessions(SessionShape shape, Caller caller, Channels channels) {
    this.shape = shape;
    this.caller = caller;
    this.channels = channels;
  }

  /**
   * The same, telling {@code listener} about each attribute that cannot be read, on the thread that
   * asked for it. Otherwise each kind is logged once.
   */
  public Sessions reportingTo(Consumer<UndecodableAttribute> listener) {
    return new Sessions(
        new SessionShape(shape.operations, shape.codec.reportingTo(listener)), caller, channels);
  }

  /**
   * The same operations without waiting.
   *
   * @throws InvalidArgumentException in a joined transaction, which is one connection
   */
  public AsyncSessions async() {
    Engine engine = caller.engine();
    if (engine == null) {
      throw new InvalidArgumentException(
          "async", "async: not inside a transaction: its connection does one thing at a time");
    }
    return new AsyncSessions(shape, engine);
  }

  /**
   * Hands over what happens to sessions, from a cursor on, until the subscription is closed: each
   * event at least once to every subscriber, in any process, in one order for all. The program
   * stores the cursor of the last one it has dealt with, and begins there the next time. Events are
   * kept, and so can be heard, where {@link SessionSettings#keepingEvents} says for how long. After
   * a wipe of ephemeral sessions there are none: nobody knows what they were.
   *
   * @param cursor null or empty to begin with the first event that is kept; {@link #eventsNow} for
   *     those from now on
   * @throws HowdahException with {@link ErrorCode#NOT_RETAINED} when no events are kept, {@link
   *     ErrorCode#MESSAGES_LOST} when events after the cursor may have been removed
   */
  public ChannelSubscription onEvent(@Nullable String cursor, SessionEventHandler handler) {
    return SessionEvents.subscribe(channels, cursor, handler);
  }

  /**
   * A cursor before all that happens to sessions from now on.
   *
   * @throws HowdahException with {@link ErrorCode#NOT_RETAINED} when no events are kept
   */
  public String eventsNow() {
    return channels.now(SessionEvents.CHANNEL);
  }

  /** Whether a text has the form of a token, so that it is worth asking for. */
  public static boolean isWellFormed(String text) {
    return Secret.isWellFormed(text);
  }

  /** A token that no session has, to make one with later. */
  public static String newToken() {
    return SessionShape.newToken();
  }

  /**
   * Begins a session of a user, without attributes.
   *
   * @throws HowdahException with {@link ErrorCode#SESSION_LIMIT} as {@link #create(SessionRequest)}
   */
  public CreatedSession create(String userId) {
    return create(SessionRequest.of(userId));
  }

  /**
   * Begins a session.
   *
   * @throws HowdahException with {@link ErrorCode#SESSION_LIMIT} when the user has as many as he
   *     may and new ones are refused; the transaction goes on
   */
  public CreatedSession create(SessionRequest request) {
    return tryCreate(request).orElseThrow(SessionShape::limit);
  }

  /** Begins a session; empty when the user has as many as he may and new ones are refused. */
  public Optional<CreatedSession> tryCreate(SessionRequest request) {
    return tryCreate(SessionShape.newToken(), request);
  }

  /** {@link #tryCreate(SessionRequest)} with a token of {@link #newToken}. */
  public Optional<CreatedSession> tryCreate(String token, SessionRequest request) {
    Creation creation = shape.creation(request, token);
    return shape.created(token, creation, caller.call(SessionOperations.CREATE, creation));
  }

  /** A session; empty when there is none. It is not noted that it is being used. */
  public Optional<Session> get(String token) {
    return shape.session(caller.call(shape.operations.get, TokenHash.of(token)));
  }

  /** {@link #get} of the session of a user that has this handle. */
  public Optional<Session> getHandle(String userId, UUID handle) {
    TokenHash hash = caller.call(SessionOperations.HASH, SessionShape.handle(userId, handle));
    return hash == null ? Optional.empty() : shape.session(caller.call(shape.operations.get, hash));
  }

  /**
   * A session that is being used, which lives on for its idle time; empty when there is none. That
   * is written down at most once in the touch interval of the settings.
   */
  public Optional<Session> touch(String token) {
    return shape.session(caller.call(shape.operations.touch, TokenHash.of(token)));
  }

  /** Sets an attribute; null removes it. Whether there is the session. */
  @CanIgnoreReturnValue
  public boolean set(String token, String name, @Nullable Object value) {
    return set(token, Collections.singletonMap(name, value));
  }

  /**
   * Sets attributes, each as a whole, and removes those that are null; the others stay, whoever
   * changes them at the same time. Whether there is the session.
   */
  @CanIgnoreReturnValue
  public boolean set(String token, Map<String, ? extends @Nullable Object> changes) {
    return caller.call(SessionOperations.SET, shape.change(token, changes));
  }

  /** {@link #set(String, Map)} of a JSON object. */
  @CanIgnoreReturnValue
  public boolean setJson(String token, String patch) {
    return caller.call(SessionOperations.SET, SessionShape.change(token, patch));
  }

  /**
   * Gives a session another token, which it returns; the old one opens nothing any more. Empty when
   * there is no such session.
   */
  public Optional<String> rotate(String token) {
    return rotate(TokenHash.of(token), null);
  }

  /**
   * Gives a session another token, and its user, when somebody logs in: whoever knew the token
   * before does not come in with him (session fixation).
   *
   * @return the token; empty when there is no such session
   * @throws HowdahException with {@link ErrorCode#SESSION_LIMIT} when the user has as many as he
   *     may and new ones are refused; the session stays as it was, and the transaction goes on
   * @throws InvalidArgumentException when the session is that of another user
   */
  public Optional<String> rotate(String token, String userId) {
    return rotate(TokenHash.of(token), SessionRequest.user(userId));
  }

  private Optional<String> rotate(TokenHash hash, @Nullable String userId) {
    String fresh = SessionShape.newToken();
    Rotation rotation = new Rotation(hash, TokenHash.of(fresh), userId);
    return SessionShape.rotated(fresh, caller.call(SessionOperations.ROTATE, rotation));
  }

  /**
   * Changes several things of a session at once. At a login it needs another token as well.
   *
   * @return whether there is the session
   * @throws HowdahException with {@link ErrorCode#SESSION_LIMIT} when the user has as many as he
   *     may and new ones are refused; nothing has changed, and the transaction goes on
   */
  @CanIgnoreReturnValue
  public boolean change(String token, SessionChange change) {
    return SessionShape.changed(
        caller.call(
            SessionOperations.CHANGE, SessionShape.alteration(TokenHash.of(token), change)));
  }

  /**
   * {@link #change} of the session of a user that has this handle, whatever its token is by now;
   * whether there is one.
   *
   * @throws HowdahException with {@link ErrorCode#SESSION_LIMIT} as {@link #change}
   */
  @CanIgnoreReturnValue
  public boolean changeHandle(String userId, UUID handle, SessionChange change) {
    Handle named = SessionShape.handle(userId, handle);
    TokenHash before = null;
    while (true) {
      TokenHash hash = caller.call(SessionOperations.HASH, named);
      if (hash == null || hash.equals(before)) {
        return false;
      }
      if (SessionShape.changed(
          caller.call(SessionOperations.CHANGE, SessionShape.alteration(hash, change)))) {
        return true;
      }
      // It has ended, or has another token since.
      before = hash;
    }
  }

  /** Ends a session; whether there was one. */
  @CanIgnoreReturnValue
  public boolean revoke(String token) {
    return caller.call(SessionOperations.REVOKE, TokenHash.of(token));
  }

  /** Ends all sessions of a user; how many there were. */
  @CanIgnoreReturnValue
  public int revokeUser(String userId) {
    return caller.call(
        SessionOperations.REVOKE_USER, SessionShape.userSessions(userId, null, null));
  }

  /** Ends all sessions of a user but the one with this token; how many there were. */
  @CanIgnoreReturnValue
  public int revokeOthers(String userId, String exceptToken) {
    return caller.call(
        SessionOperations.REVOKE_USER, SessionShape.userSessions(userId, exceptToken, null));
  }

  /** Ends the session of a user that has this handle; whether there was one. */
  @CanIgnoreReturnValue
  public boolean revokeHandle(String userId, UUID handle) {
    return caller.call(
            SessionOperations.REVOKE_USER, SessionShape.userSessions(userId, null, handle))
        > 0;
  }

  /** The sessions of a user, the last used first: 1,000 at most, and 16 MiB. */
  public List<Session> list(String userId) {
    return shape.sessions(caller.call(SessionOperations.LIST, SessionRequest.user(userId)));
  }

  /**
   * Sessions whose attributes contain this JSON object (as {@code jsonb @>} does), in no order, 16
   * MiB at most. Reads all sessions, unless somebody has made an index: see docs/sessions.md.
   */
  public List<Session> find(String containsJson, int maxRows) {
    return shape.sessions(
        caller.call(SessionOperations.FIND, SessionShape.search(containsJson, maxRows)));
  }

  /** How many sessions there are. Reads them all. */
  public long count() {
    return caller.call(SessionOperations.COUNT, new Counting(null));
  }

  /** How many sessions a user has. */
  public long count(String userId) {
    return caller.call(SessionOperations.COUNT, new Counting(SessionRequest.user(userId)));
  }

  /**
   * Changes how sessions are kept, for everybody on this schema; whether anything changed. Another
   * durability moves them: writers wait meanwhile, readers do not.
   *
   * @throws HowdahException with {@link ErrorCode#LOCKED} when open transactions have been writing
   *     to sessions for 10 seconds; nothing has changed
   */
  @CanIgnoreReturnValue
  public boolean configure(SessionSettings settings) {
    return configure(SessionSettingsChange.to(settings));
  }

  /** {@link #configure(SessionSettings)} of some settings; the others stay as they are. */
  @CanIgnoreReturnValue
  public boolean configure(SessionSettingsChange change) {
    return caller.call(SessionOperations.CONFIGURE, change);
  }

  /** How sessions are kept. */
  public SessionSettings settings() {
    return caller.call(SessionOperations.SETTINGS, "");
  }
}
