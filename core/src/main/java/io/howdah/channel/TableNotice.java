package io.howdah.channel;

/** A table of the application's whose changes are published: the values of which column, where. */
public record TableNotice(String source, String channel, String columnName) {}
