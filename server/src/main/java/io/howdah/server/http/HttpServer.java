package io.howdah.server.http;

import io.howdah.Howdah;
import io.howdah.server.ServerSettings;
import io.howdah.server.StartupException;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.util.JavalinBindException;
import io.javalin.util.JavalinException;
import java.util.concurrent.CompletionException;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server. It listens from the start, and answers 503 until {@link #ready}. */
public final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
  private static final int THREADS = 200;
  private static final int HEADER_BYTES = 16 << 10;

  private final ServerSettings.Http settings;
  private final HttpLimits limits;
  private final Backend backend;
  private final EventStreams streams;
  private final Javalin javalin;

  private HttpServer(ServerSettings.Http settings, HttpLimits limits) {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS, 8);
    threads.setName("howdah-http");
    this.settings = settings;
    this.limits = limits;
    this.backend = new Backend(threads, new BytesInFlight(limits.bodyBytes()));
    this.streams = new EventStreams(threads, limits.streams(), limits.heartbeat());
    this.javalin =
        Javalin.create(config -> {
          config.jetty.threadPool = threads;
          configure(config);
          routes(config);
        });
  }

  /**
   * Starts listening.
   *
   * @throws StartupException when the port is in use
   */
  public static HttpServer start(ServerSettings.Http settings) {
    return start(settings, HttpLimits.defaults());
  }

  static HttpServer start(ServerSettings.Http settings, HttpLimits limits) {
    HttpServer server = new HttpServer(settings, limits);
    try {
      Javalin unused = server.javalin.start(settings.host(), settings.port());
      return server;
    } catch (JavalinBindException e) {
      throw new StartupException(
          "the port "
              + settings.port()
              + " for HTTP is in use, or not yours to use; name another one with --http-port (0: any free one)",
          e);
    }
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
    // An entity tag is that of the bytes as they are stored.
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.router.ignoreTrailingSlashes = false;
    config.router.javaLangErrorHandler((response, error) -> {
      LOG.error("a request failed", error);
      response.setStatus(500);
    });
    config.jetty.modifyHttpConfiguration(http -> {
      // A key may be any text. The routes read the path as it was sent, and lead to no files.
      http.setUriCompliance(UriCompliance.UNSAFE);
      http.setRequestHeaderSize(HEADER_BYTES);
      http.setSendServerVersion(false);
      http.setIdleTimeout(limits.idle().toMillis());
    });
    config.jetty.modifyServer(server -> {
      server.setErrorHandler(new JettyProblems());
      server.setStopTimeout(limits.stop().toMillis());
    });
    config.jetty.modifyServletContextHandler(context -> {
      context.setErrorHandler(new JettyProblems());
      context.getServletHandler().setDecodeAmbiguousURIs(true);
    });
  }

  private void routes(JavalinConfig config) {
    config.routes.before(new SameOrigin());
    config.routes.before(ctx -> ctx.header("X-Content-Type-Options", "nosniff"));
    config.routes.exception(Exception.class, (failure, ctx) -> Problems.write(ctx, failure));
    config.routes.exception(
        io.javalin.http.HttpResponseException.class,
        (failure, ctx) -> Problems.write(ctx, failure));
    new HealthRoutes(backend).register(config.routes);
    new NamespaceRoutes(backend).register(config.routes);
    new SessionRoutes(backend).register(config.routes);
    new TokenRoutes(backend).register(config.routes);
    new KvRoutes(backend).register(config.routes);
    new RateLimitRoutes(backend).register(config.routes);
    new LockRoutes(backend).register(config.routes);
    new CacheRoutes(backend).register(config.routes);
    new FlagRoutes(backend).register(config.routes);
    new ChannelRoutes(backend, streams).register(config.routes);
    new PreferenceRoutes(backend).register(config.routes);
    new ConfigRoutes(backend).register(config.routes);
    new JobRoutes(backend).register(config.routes);
    new StatsRoutes(backend).register(config.routes);
  }

  /**
   * Begins to serve.
   *
   * @throws StartupException when the database does not answer
   */
  public void ready(Howdah howdah, ServerInfo info) {
    try {
      boolean unused = HealthRoutes.check(howdah).join();
    } catch (CompletionException e) {
      throw new StartupException(
          "the database does not answer: " + Problems.of(e).getMessage(), e.getCause());
    }
    backend.ready(howdah, info);
  }

  /** How many streams of events are open. */
  int openStreams() {
    return streams.open();
  }

  /** Such as {@code http://127.0.0.1:8080}. */
  public String url() {
    String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
    return "http://" + host + ":" + javalin.port();
  }

  /** Lets the requests that run come to their end, for a few seconds; then cuts them off. */
  @Override
  public void close() {
    streams.close();
    try {
      Javalin unused = javalin.stop();
    } catch (JavalinException e) {
      // It has stopped all the same.
      LOG.warn(
          "requests that had not ended after {} ms were cut off ({})",
          limits.stop().toMillis(),
          String.valueOf(e.getCause()));
    }
  }
}
