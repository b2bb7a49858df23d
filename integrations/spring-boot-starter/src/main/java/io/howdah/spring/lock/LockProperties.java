package io.howdah.spring.lock;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Lazy;

/**
 * Locks of ShedLock and Spring Integration.
 *
 * @param enabled whether there are a LockProvider and a LockRegistry of Howdah
 * @param prefix what stands before each name in Howdah, such as "shop:": the same names with
 *     different prefixes are different locks
 * @param ttl after how long a lock of the LockRegistry ends whose process has died: 30 ms to 36,500
 *     days
 */
@ConfigurationProperties("howdah.lock")
@Lazy
public record LockProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("") String prefix,
    @DefaultValue("60s") Duration ttl) {}
