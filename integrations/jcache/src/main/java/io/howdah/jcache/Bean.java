package io.howdah.jcache;

import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.ReentrantLock;
import javax.cache.CacheException;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A management bean of a cache, in the platform's server, under the name that JCache says. */
final class Bean {
  private static final Logger log = LoggerFactory.getLogger(Bean.class);

  private final Object bean;
  private final ObjectName name;
  private final ReentrantLock lock = new ReentrantLock();
  private boolean registered;

  /**
   * @param type {@code CacheConfiguration} or {@code CacheStatistics}
   */
  Bean(Object bean, String type, String manager, String cache) {
    this.bean = bean;
    try {
      this.name =
          new ObjectName(
              "javax.cache:type="
                  + type
                  + ",CacheManager="
                  + safe(manager)
                  + ",Cache="
                  + safe(cache));
    } catch (JMException e) {
      throw new CacheException("no name for management: " + cache, e);
    }
  }

  /** As JCache says, and without what would make it a pattern or a quotation. */
  private static String safe(String part) {
    return part.replaceAll("[:=\n,*?\"]", ".");
  }

  void register(boolean wanted) {
    lock.lock();
    try {
      if (wanted == registered) {
        return;
      }
      MBeanServer server = ManagementFactory.getPlatformMBeanServer();
      if (wanted) {
        server.registerMBean(bean, name);
      } else {
        server.unregisterMBean(name);
      }
      registered = wanted;
    } catch (InstanceAlreadyExistsException e) {
      log.warn(
          "{} is that of another cache manager with the same URI: this one is not shown", name);
    } catch (InstanceNotFoundException e) {
      registered = false;
    } catch (JMException e) {
      throw new CacheException("cannot change management of " + name, e);
    } finally {
      lock.unlock();
    }
  }
}
