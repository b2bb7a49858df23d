package io.howdah.channel;

import java.time.Duration;

/** A channel whose messages are kept, and for how long. */
public record RetainedChannel(String channel, Duration keep) {}
