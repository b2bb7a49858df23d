package io.howdah.session;

import io.howdah.channel.ChannelHub;
import io.howdah.channel.Channels;
import io.howdah.engine.Caller;
import tools.jackson.databind.ObjectMapper;

/** What the {@link Sessions} of one Howdah have in common. Use {@code Howdah.sessions}. */
public final class SessionStore {
  private final SessionShape shape;
  private final ChannelHub hub;

  /**
   * @param hub over which subscribers hear what happens to sessions
   */
  public SessionStore(ObjectMapper mapper, ChannelHub hub) {
    this.hub = hub;
    this.shape =
        new SessionShape(new SessionOperations(), new SessionCodec(mapper, new UndecodableLog()));
  }

  public Sessions on(Caller caller) {
    return new Sessions(shape, caller, new Channels(caller, hub));
  }
}
