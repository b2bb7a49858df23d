package io.howdah.session;

import io.howdah.Arguments;
import io.howdah.InvalidArgumentException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a session is created with.
 *
 * <pre>{@code
 * SessionRequest.of("ann").with("cart", cart).withIp(request.getRemoteAddr())
 * }</pre>
 *
 * @param userId whose it is, 1 to 1,024 bytes; null for somebody who has not logged in yet
 * @param attributes values that Jackson makes JSON of, by their names
 * @param json more attributes, as a JSON object; of those with the same name the others count
 * @param idle how long it lives without being used; null for what the settings say
 * @param lifetime how long it lives at most; null for what the settings say
 * @param ip from which address it comes, IPv4 or IPv6; null where that is unknown
 * @param userAgent with which program it comes, at most 1,024 bytes; null where that is unknown
 */
public record SessionRequest(
    @Nullable String userId,
    Map<String, Object> attributes,
    @Nullable String json,
    @Nullable Duration idle,
    @Nullable Duration lifetime,
    @Nullable String ip,
    @Nullable String userAgent) {
  private static final int USER_BYTES = 1_024;
  private static final int USER_AGENT_BYTES = 1_024;

  /**
   * Checks it.
   *
   * @throws InvalidArgumentException naming what is outside its limits
   */
  public SessionRequest {
    if (userId != null) {
      userId = user(userId);
    }
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    if (attributes.containsValue(null)) {
      throw new InvalidArgumentException(
          "attributes", "attributes: values expected, got null; one that is null is absent");
    }
    long unused = (idle == null ? 0 : Arguments.micros("idle", idle));
    unused = (lifetime == null ? 0 : Arguments.micros("lifetime", lifetime));
    ip = ip == null ? null : IpAddress.normal(ip);
    long size = userAgent == null ? 0 : Arguments.utf8Length("userAgent", userAgent);
    if (size > USER_AGENT_BYTES) {
      throw new InvalidArgumentException(
          "userAgent", "userAgent: at most " + USER_AGENT_BYTES + " bytes expected, got " + size);
    }
  }

  /** A session of a user. */
  public static SessionRequest of(String userId) {
    return new SessionRequest(user(userId), Map.of(), null, null, null, null, null);
  }

  /**
   * A session of somebody who has not logged in yet: {@link Sessions#rotate(String, String)} gives
   * it a user.
   */
  public static SessionRequest anonymous() {
    return new SessionRequest(null, Map.of(), null, null, null, null, null);
  }

  static String user(@Nullable String userId) {
    return Arguments.text("userId", userId, USER_BYTES);
  }

  /** With an attribute. */
  public SessionRequest with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(attributes);
    more.put(name, value);
    return new SessionRequest(userId, more, json, idle, lifetime, ip, userAgent);
  }

  /** With attributes as a JSON object. */
  public SessionRequest withJson(String json) {
    return new SessionRequest(userId, attributes, json, idle, lifetime, ip, userAgent);
  }

  public SessionRequest withIdle(Duration idle) {
    return new SessionRequest(userId, attributes, json, idle, lifetime, ip, userAgent);
  }

  public SessionRequest withLifetime(Duration lifetime) {
    return new SessionRequest(userId, attributes, json, idle, lifetime, ip, userAgent);
  }

  public SessionRequest withIp(String ip) {
    return new SessionRequest(userId, attributes, json, idle, lifetime, ip, userAgent);
  }

  public SessionRequest withUserAgent(String userAgent) {
    return new SessionRequest(userId, attributes, json, idle, lifetime, ip, userAgent);
  }
}
