package io.howdah.spring.ratelimit;

import io.howdah.ratelimit.Decision;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a denied request gets: problem details (RFC 9457) of the types that the draft of the headers
 * registers.
 */
final class RateLimitProblem {
  private static final String TYPES = "https://iana.org/assignments/http-problem-types#";
  private static final int TOO_MANY_REQUESTS = 429;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private RateLimitProblem() {}

  /** Answers a request that {@code policy} denied. */
  static void write(HttpServletResponse response, String policy, Decision decision)
      throws IOException {
    boolean away = decision.source() == Decision.Source.UNAVAILABLE;
    int status = away ? HttpServletResponse.SC_SERVICE_UNAVAILABLE : TOO_MANY_REQUESTS;
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("type", TYPES + (away ? "temporary-reduced-capacity" : "quota-exceeded"));
    problem.put(
        "title",
        away
            ? "Request cannot be satisfied due to temporary server capacity constraints"
            : "Request cannot be satisfied as assigned quota has been exceeded");
    problem.put("status", status);
    problem.put("violated-policies", List.of(policy));
    byte[] body = JSON.writeValueAsString(problem).getBytes(StandardCharsets.UTF_8);
    response.setStatus(status);
    response.setHeader(
        "Retry-After", Long.toString(Math.max(1, PolicyHeaders.seconds(decision.retryAfter()))));
    response.setContentType("application/problem+json");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
