package io.howdah.spring.ratelimit;

import io.howdah.ratelimit.Decision;
import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.springframework.http.server.PathContainer;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Limits requests by rules. All rules of it that match a request are asked at once: it counts for
 * all or for none. There are two of it, before and after the login is known.
 */
final class RateLimitFilter extends OncePerRequestFilter {
  private static final String TOLD = RateLimitFilter.class.getName() + ".told";

  /** How the tightest limit of a request stands. */
  private record Stand(PathRule rule, RateLimit limit, Decision decision) {
    String header() {
      return PolicyHeaders.limit(policy(), limit, decision);
    }

    String policy() {
      return PolicyHeaders.policy(rule.name(), rule.limits(), limit);
    }

    boolean isTighterThan(Stand other) {
      return !decision.allowed() || decision.remaining() < other.decision.remaining();
    }
  }

  private final List<PathRule> rules;

  RateLimitFilter(List<PathRule> rules) {
    this.rules = rules;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    List<PathRule> matched = new ArrayList<>();
    List<RateLimiter.Request> requests = new ArrayList<>();
    List<PathContainer> paths = PathRule.paths(request);
    for (PathRule rule : rules) {
      String key = rule.matches(request.getMethod(), paths) ? rule.key().of().apply(request) : null;
      if (key != null) {
        matched.add(rule);
        requests.add(new RateLimiter.Request(rule.limiter(), Limiters.bounded(key)));
      }
    }
    if (matched.isEmpty() || isAllowed(request, response, matched, requests)) {
      chain.doFilter(request, response);
    }
  }

  private static boolean isAllowed(
      HttpServletRequest request,
      HttpServletResponse response,
      List<PathRule> matched,
      List<RateLimiter.Request> requests)
      throws IOException {
    RateLimiter.Tightest tightest = RateLimiter.acquireAll(requests, 1);
    Decision decision = tightest.decision();
    Stand stand = new Stand(matched.get(tightest.request()), tightest.limit(), decision);
    for (PathRule rule : matched) {
      response.addHeader(PolicyHeaders.POLICY, PolicyHeaders.policies(rule.name(), rule.limits()));
    }
    // Where nobody knows, nothing is said.
    if (decision.source() != Decision.Source.UNAVAILABLE
        && (!(request.getAttribute(TOLD) instanceof Stand before) || stand.isTighterThan(before))) {
      response.setHeader(PolicyHeaders.LIMIT, stand.header());
      request.setAttribute(TOLD, stand);
    }
    if (!decision.allowed()) {
      RateLimitProblem.write(response, stand.policy(), decision);
    }
    return decision.allowed();
  }
}
