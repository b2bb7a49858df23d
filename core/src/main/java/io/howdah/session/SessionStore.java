package io.howdah.session;

import io.howdah.engine.Caller;
import tools.jackson.databind.ObjectMapper;

/** What the {@link Sessions} of one Howdah have in common. Use {@code Howdah.sessions}. */
public final class SessionStore {
  private final SessionShape shape;

  public SessionStore(ObjectMapper mapper) {
    this.shape =
        new SessionShape(new SessionOperations(), new SessionCodec(mapper, new UndecodableLog()));
  }

  public Sessions on(Caller caller) {
    return new Sessions(shape, caller);
  }
}
