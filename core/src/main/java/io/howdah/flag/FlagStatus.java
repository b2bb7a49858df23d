package io.howdah.flag;

import java.time.Duration;
import java.util.Optional;

/**
 * How this process's snapshot of the flags is doing.
 *
 * @param isLoaded whether there is one; it is made at the first use
 * @param revision the number of the last change that is in it
 * @param flags how many flags there are
 * @param age how long ago it was last known to be all there is; empty before it is loaded
 * @param trouble why the database could not be asked the last time; empty when it could
 */
public record FlagStatus(
    boolean isLoaded, long revision, int flags, Optional<Duration> age, Optional<String> trouble) {}
