package io.howdah.bench.session;

import io.howdah.bench.measure.Profile;

/**
 * A store of sessions that is driven in one way; its callers wait for each answer. One instance is
 * used for the whole benchmark: it is loaded once, then opened and closed for each case. All its
 * calls are made from many threads.
 */
public interface SessionTarget extends AutoCloseable {

  /** Who this is. */
  Profile profile();

  /** Creates what the store needs. Called once, before the first opening. */
  default void prepare() throws Exception {}

  /**
   * Connects.
   *
   * @param threads how many threads are going to call
   */
  void open(int threads) throws Exception;

  /** Begins a session; what it is found by. Called when open. */
  String create(int session, Attributes attributes) throws Exception;

  /**
   * What a request does: finds the session, looks at two attributes, and notes that it is being
   * used. Called when open.
   *
   * @param visits what to set the attribute {@link Attributes#VISITS} to; 0 to set nothing
   * @return whether the session was found, and was the right one
   */
  boolean request(int session, String id, int visits) throws Exception;

  /** Does now what earlier calls have left to be done in the background. Called when open. */
  void settle() throws Exception;

  /** Disconnects; the sessions stay. */
  @Override
  void close() throws Exception;
}
