package io.howdah.channel;

/** A message on its way. Each is one of its own, whatever is in it: hence no record. */
final class Publication {
  private final String channel;
  private final String payload;

  Publication(String channel, String payload) {
    this.channel = ChannelLimits.channel(channel);
    this.payload = ChannelLimits.payload(payload);
  }

  String channel() {
    return channel;
  }

  String payload() {
    return payload;
  }
}
