package io.howdah.bench.session;

import org.jspecify.annotations.Nullable;
import org.springframework.session.SessionRepository;

/** A repository of Spring Session. */
abstract class SpringTarget implements SessionTarget {

  /**
   * A repository that is connected.
   *
   * @param disconnect what closes it
   */
  record Connected(SessionRepository<?> repository, AutoCloseable disconnect) {}

  private @Nullable Connected connected;

  /** Connects, for so many calling threads. */
  abstract Connected connect(int threads) throws Exception;

  @Override
  public final void open(int threads) throws Exception {
    connected = connect(threads);
  }

  private SessionRepository<?> repository() {
    if (connected == null) {
      throw new IllegalStateException("not open");
    }
    return connected.repository;
  }

  @Override
  public final String create(int session, Attributes attributes) {
    return SpringRequests.create(repository(), attributes.of(session));
  }

  @Override
  public final boolean request(int session, String id, int visits) {
    return SpringRequests.request(repository(), session, id, visits);
  }

  @Override
  public final void close() throws Exception {
    if (connected != null) {
      connected.disconnect.close();
      connected = null;
    }
  }
}
