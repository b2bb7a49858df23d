package io.howdah.session;

import io.howdah.Arguments;
import io.howdah.Durability;
import io.howdah.InvalidArgumentException;
import io.howdah.session.SessionSettings.OnFull;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Some of the {@link SessionSettings}, which {@link Sessions#configure(SessionSettingsChange)}
 * changes. What is null stays as it is, also where somebody else changes it at the same time.
 *
 * @param durability see {@link SessionSettings#durability}
 * @param idle see {@link SessionSettings#idle}
 * @param lifetime see {@link SessionSettings#lifetime}
 * @param touchInterval see {@link SessionSettings#touchInterval}; zero for each time
 * @param maxPerUser see {@link SessionSettings#maxPerUser}; 0 for no bound
 * @param onFull see {@link SessionSettings#onFull}
 * @param keepEvents see {@link SessionSettings#keepEvents}; zero for not at all
 */
public record SessionSettingsChange(
    @Nullable Durability durability,
    @Nullable Duration idle,
    @Nullable Duration lifetime,
    @Nullable Duration touchInterval,
    @Nullable Integer maxPerUser,
    @Nullable OnFull onFull,
    @Nullable Duration keepEvents) {

  /**
   * Checks them.
   *
   * @throws InvalidArgumentException naming the one that is outside its limits
   */
  public SessionSettingsChange {
    Long unused = micros("idle", idle, false);
    unused = micros("lifetime", lifetime, false);
    unused = micros("touchInterval", touchInterval, true);
    unused = micros("keepEvents", keepEvents, true);
    if (maxPerUser != null && maxPerUser < 0) {
      throw new InvalidArgumentException(
          "maxPerUser", "maxPerUser: 0 or more expected, got " + maxPerUser);
    }
  }

  /** All of these settings. */
  static SessionSettingsChange to(SessionSettings settings) {
    return new SessionSettingsChange(
        settings.durability(),
        settings.idle(),
        settings.lifetime(),
        settings.touchInterval(),
        Objects.requireNonNullElse(settings.maxPerUser(), 0),
        settings.onFull(),
        Objects.requireNonNullElse(settings.keepEvents(), Duration.ZERO));
  }

  /** What Postgres counts in; null where it stays as it is. */
  static @Nullable Long micros(String argument, @Nullable Duration time, boolean mayBeZero) {
    if (time == null) {
      return null;
    }
    return mayBeZero && time.isZero()
        ? Long.valueOf(0)
        : Long.valueOf(Arguments.micros(argument, time));
  }
}
