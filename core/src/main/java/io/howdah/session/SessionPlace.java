package io.howdah.session;

/**
 * Where sessions are, as far as the last one that was read tells; a hint about which form of a read
 * is the quick one.
 */
final class SessionPlace {
  private volatile boolean ephemeral;

  boolean isEphemeral() {
    return ephemeral;
  }

  void found(boolean inTheEphemeralTable) {
    if (ephemeral != inTheEphemeralTable) {
      ephemeral = inTheEphemeralTable;
    }
  }
}
