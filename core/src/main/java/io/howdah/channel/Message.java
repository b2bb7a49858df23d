package io.howdah.channel;

/** What was published, and where. */
public record Message(String channel, String payload) {}
