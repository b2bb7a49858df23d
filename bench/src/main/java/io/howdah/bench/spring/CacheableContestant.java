package io.howdah.bench.spring;

import io.howdah.bench.measure.CallLoop;
import io.howdah.bench.measure.CallRecorder;
import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Profile;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;

/** A cache manager as a contestant: a {@code @Cacheable} method, through Spring's proxy. */
final class CacheableContestant implements Contestant {

  static final int LOADING_THREADS = 8;

  private final CacheableTarget target;
  private final List<String> keys;
  private final int valueBytes;
  private final AtomicLong computed = new AtomicLong();

  /**
   * @param keys how many values there are
   * @param valueBytes about how many bytes each is, as JSON
   */
  CacheableContestant(CacheableTarget target, int keys, int valueBytes) {
    this.target = target;
    this.keys = IntStream.range(0, keys).mapToObj("article-%08d"::formatted).toList();
    this.valueBytes = valueBytes;
  }

  @Override
  public Profile profile() {
    return target.profile();
  }

  @Override
  public boolean plays(String workload) {
    return workload.equals(Workload.HIT.id());
  }

  /** As Spring Boot configures it: proxies are subclasses. */
  @Configuration(proxyBeanMethods = false)
  @EnableCaching(proxyTargetClass = true)
  static class Caching {}

  private AnnotationConfigApplicationContext start() throws Exception {
    CacheManager manager = target.open();
    AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    context.register(Caching.class);
    context.registerBean(CacheManager.class, () -> manager);
    context.registerBean(Catalogue.class, () -> new Catalogue(valueBytes, computed));
    context.refresh();
    return context;
  }

  /** Computes every value once. */
  void load() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(LOADING_THREADS);
    try (AnnotationConfigApplicationContext context = start()) {
      Catalogue catalogue = context.getBean(Catalogue.class);
      List<Callable<Article>> calls = new ArrayList<>();
      keys.forEach(key -> calls.add(() -> catalogue.find(key)));
      for (Future<Article> call : threads.invokeAll(calls)) {
        Article unused = call.get();
      }
    } finally {
      threads.shutdown();
      target.close();
    }
    long unused = computed.getAndSet(0);
  }

  @Override
  public Session open(Case measured) throws Exception {
    AnnotationConfigApplicationContext context = start();
    Catalogue catalogue = context.getBean(Catalogue.class);
    return new Session() {
      @Override
      public List<CallLoop> loops(int round) {
        return IntStream.range(0, measured.threads())
            .mapToObj(thread -> loop(catalogue, new SplittableRandom(round * 100_003L + thread)))
            .toList();
      }

      @Override
      public void settle() throws Exception {
        target.settle();
      }

      @Override
      public void close() throws Exception {
        context.close();
        target.close();
      }
    };
  }

  /** A closed loop: the next call comes when the answer to the last one is there. */
  private CallLoop loop(Catalogue catalogue, SplittableRandom random) {
    return (CallRecorder recorder) -> {
      while (!recorder.isOver()) {
        String key = keys.get(random.nextInt(keys.size()));
        long startedAt = System.nanoTime();
        Article article = catalogue.find(key);
        recorder.completed(startedAt, System.nanoTime());
        if (!article.number().equals(key)) {
          recorder.wrong("the article of " + key + " is another one");
        }
      }
      if (computed.get() > 0) {
        recorder.wrong("what was in the cache was computed again");
      }
    };
  }
}
