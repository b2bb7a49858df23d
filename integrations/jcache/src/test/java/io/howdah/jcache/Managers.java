package io.howdah.jcache;

import io.howdah.Howdah;
import java.net.URI;
import java.util.Properties;
import javax.cache.CacheManager;

/** Cache managers as tests want them. */
final class Managers {
  private Managers() {}

  /** One on a Howdah, as in a process of its own. Property names and values alternate. */
  static CacheManager on(Howdah howdah, String... properties) {
    Properties all = new Properties();
    all.put(ManagerSettings.INSTANCE, howdah);
    // what the TCK is told does not count here
    all.put(ManagerSettings.ALLOWED_CLASSES, "");
    for (int i = 0; i < properties.length; i += 2) {
      all.put(properties[i], properties[i + 1]);
    }
    return new HowdahCachingProvider().getCacheManager(URI.create("test:own"), null, all);
  }
}
