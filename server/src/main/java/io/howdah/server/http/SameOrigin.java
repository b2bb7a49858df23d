package io.howdah.server.http;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.Locale;
import java.util.Set;

/**
 * Keeps web pages of others out. A page may send requests to a loopback address: by another name
 * that leads there (DNS rebinding: the Host header tells), or across origins (the browser says so
 * in Origin or Sec-Fetch-Site).
 */
final class SameOrigin implements Handler {
  private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

  @Override
  public void handle(Context ctx) {
    String port = ":" + ctx.req().getLocalPort();
    Set<String> hosts = Set.of("localhost" + port, "127.0.0.1" + port, "[::1]" + port);
    String host = ctx.req().getHeader("Host");
    if (host == null || !isOwn(host, port, hosts)) {
      throw new Problem(
          421,
          "MISDIRECTED",
          "the Host header names another server; this one is "
              + String.join(", ", hosts.stream().sorted().toList()));
    }
    String origin = ctx.req().getHeader("Origin");
    if (origin != null
        && !(origin.startsWith("http://") && isOwn(origin.substring(7), port, hosts))) {
      throw new Problem(403, "CROSS_ORIGIN", "requests of web pages of another origin are refused");
    }
    String site = ctx.req().getHeader("Sec-Fetch-Site");
    if (site != null && !OWN_SITES.contains(site)) {
      throw new Problem(403, "CROSS_ORIGIN", "requests of web pages of another site are refused");
    }
  }

  private static boolean isOwn(String authority, String port, Set<String> hosts) {
    String name = authority.toLowerCase(Locale.ROOT);
    return hosts.contains(name) || (port.equals(":80") && hosts.contains(name + port));
  }
}
