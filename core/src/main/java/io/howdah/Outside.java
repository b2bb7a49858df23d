package io.howdah;

import io.howdah.config.ConfigStore;

/** The workloads outside any transaction of the caller's: each call in one of its own. */
final class Outside extends Workloads {
  Outside(Machinery machinery) {
    super(machinery, machinery.outside());
  }

  @Override
  void flagsChanged() {
    machinery().flags().seeChange();
  }

  @Override
  void configChanged(ConfigStore store) {
    store.seeChange();
  }
}
