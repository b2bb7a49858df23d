package io.howdah.session;

import io.howdah.Arguments;
import io.howdah.InvalidArgumentException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is to change about a session, all of it or nothing: for a framework that collects the
 * changes of a request. What is null stays as it is, but for the user.
 *
 * <pre>{@code
 * SessionChange.none().rotatedTo(Sessions.newToken()).assignedTo("ann").withPatch("{\"cart\": null}")
 * }</pre>
 *
 * @param newToken which opens it from now on, instead of the one until now
 * @param patch attributes as a JSON object, each of which is set, or where it is null removed
 * @param idle how long it lives without being used, from now on
 * @param assigns whether it becomes that of another user
 * @param userId who that is, 1 to 1,024 bytes; null for nobody
 */
public record SessionChange(
    @Nullable String newToken,
    @Nullable String patch,
    @Nullable Duration idle,
    boolean assigns,
    @Nullable String userId) {
  private static final SessionChange NONE = new SessionChange(null, null, null, false, null);

  /**
   * Checks it.
   *
   * @throws InvalidArgumentException naming what is outside its limits
   */
  public SessionChange {
    patch = patch == null ? null : SessionCodec.object("patch", patch);
    long unused = idle == null ? 0 : Arguments.micros("idle", idle);
    userId = userId == null ? null : SessionRequest.user(userId);
  }

  /** Nothing. */
  public static SessionChange none() {
    return NONE;
  }

  /**
   * With another token.
   *
   * @param newToken one of {@link Sessions#newToken}
   */
  public SessionChange rotatedTo(String newToken) {
    return new SessionChange(newToken, patch, idle, assigns, userId);
  }

  /** With attributes. */
  public SessionChange withPatch(String json) {
    return new SessionChange(newToken, json, idle, assigns, userId);
  }

  public SessionChange withIdle(Duration idle) {
    return new SessionChange(newToken, patch, idle, assigns, userId);
  }

  /** With another user; null for nobody. */
  public SessionChange assignedTo(@Nullable String userId) {
    return new SessionChange(newToken, patch, idle, true, userId);
  }

  /** Without tokens and attributes. */
  @Override
  public String toString() {
    return "SessionChange[rotates="
        + (newToken != null)
        + ", patches="
        + (patch != null)
        + ", idle="
        + idle
        + ", assigns="
        + assigns
        + "]";
  }
}
