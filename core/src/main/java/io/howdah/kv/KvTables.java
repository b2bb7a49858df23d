package io.howdah.kv;

import io.howdah.Durability;

/** Where values of a durability live, unless their namespace is searchable. */
final class KvTables {
  private KvTables() {}

  static String of(Durability level) {
    return level == Durability.EPHEMERAL ? "kv_ephemeral" : "kv_durable";
  }
}
