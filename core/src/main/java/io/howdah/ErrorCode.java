package io.howdah;

/** What went wrong, as a stable name that programs may branch on. */
public enum ErrorCode {
  /** An argument is outside its limits; nothing was sent or stored. */
  INVALID_ARGUMENT,
  /** The value is bytes where JSON was asked for, or the other way round. */
  WRONG_KIND,
  /** The value to add to is no integer. */
  NOT_AN_INTEGER,
  /** A sum outside the range of a 64-bit integer; the value is unchanged. */
  OUT_OF_RANGE,
  /** A search in a namespace that was not registered as searchable. */
  NOT_SEARCHABLE,
  /** The namespace is registered with other properties. */
  NAMESPACE_CONFLICT,
  /** The namespace is at its bound and refuses new keys; nothing was stored. */
  NAMESPACE_FULL,
  /** The user has as many sessions as he may, and new ones are refused; nothing was stored. */
  SESSION_LIMIT,
  /** The loader of a cache threw an exception, which is the cause; nothing was stored. */
  LOAD_FAILED,
  /** Messages after the cursor are not kept any more, or it is another store's: begin anew. */
  MESSAGES_LOST,
  /** The channel keeps no messages. */
  NOT_RETAINED,
  /** The subscriber was slower than its messages, and that ends it. */
  SLOW_SUBSCRIBER,
  /** Nothing that is notified can be heard here, so that a subscriber would wait in vain. */
  NO_PUSH,
  /** The codec could not encode or decode the value. */
  CODEC,
  /** An optimistic update lost its race more often than it may. */
  CONTENTION,
  /** The deadline of the call passed. */
  TIMEOUT,
  /** The calling thread was interrupted. */
  INTERRUPTED,
  /** The database could not be reached, or the connection broke. */
  UNAVAILABLE,
  /**
   * The caller's transaction conflicts with another one (SQLSTATE 40001 or 40P01): run it again.
   */
  CONFLICT,
  /** A row stayed locked by another transaction for as long as the statement may wait. */
  LOCKED,
  /** An ephemeral namespace was read on a standby, or a write was sent to one. */
  STANDBY,
  /** The schema is missing, too old, or too new for this library. */
  SCHEMA,
  /** The role has not the rights that the statement needs. */
  FORBIDDEN,
  /** This {@link Howdah} is closed. */
  CLOSED,
  /** The database reported another error; see the cause. */
  DATABASE
}
