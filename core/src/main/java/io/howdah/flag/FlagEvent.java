package io.howdah.flag;

import java.util.Optional;

/**
 * A flag of this process's snapshot has changed. Changes in quick succession may come as one.
 *
 * @param name its name
 * @param before what it was; empty when there was none, or none that this library could read
 * @param after what it is now; empty when there is none
 */
public record FlagEvent(
    String name, Optional<FlagDefinition> before, Optional<FlagDefinition> after) {}
