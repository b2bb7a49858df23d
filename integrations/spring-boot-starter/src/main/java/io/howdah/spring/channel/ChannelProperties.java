package io.howdah.spring.channel;

import io.howdah.channel.OverflowPolicy;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Lazy;

/**
 * {@link ChannelListener} methods.
 *
 * @param enabled whether this process listens
 * @param bufferMessages how many messages may wait for a method: 1 to 100,000
 * @param whenFull what becomes of the others
 * @param grace how long a method that runs may go on when the application is stopped, then it is
 *     interrupted: 1 ms to 1 day; less than spring.lifecycle.timeout-per-shutdown-phase
 */
@ConfigurationProperties("howdah.channel")
@Lazy
public record ChannelProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("10000") int bufferMessages,
    @DefaultValue("drop-oldest") OverflowPolicy whenFull,
    @DefaultValue("10s") Duration grace) {}
