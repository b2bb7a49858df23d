package io.howdah.flag;

import tools.jackson.databind.JsonNode;

/**
 * One of the values that a flag may have.
 *
 * @param name its name
 * @param value its value, any JSON but null
 * @param weight its part of the users: as much of the sum of all weights
 */
public record FlagVariant(String name, JsonNode value, int weight) {}
