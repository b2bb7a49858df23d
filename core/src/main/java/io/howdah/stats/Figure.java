package io.howdah.stats;

/**
 * One figure of the SQL function {@code stats()}, as it came; docs/operations.md lists them.
 *
 * @param subject a table, or what else it is about
 * @param name what was measured
 * @param value how much
 * @param detail who or what, empty where there is nothing to say
 */
public record Figure(String subject, String name, double value, String detail) {}
