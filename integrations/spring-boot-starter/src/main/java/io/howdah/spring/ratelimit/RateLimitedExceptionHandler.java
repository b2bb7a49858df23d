package io.howdah.spring.ratelimit;

import io.howdah.ratelimit.RateLimit;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.core.annotation.Order;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;

/** Makes status 429 and problem details of what a limited method throws under a controller. */
@ControllerAdvice
@Order(0)
final class RateLimitedExceptionHandler {
  @ExceptionHandler(RateLimitedException.class)
  void handle(RateLimitedException denied, HttpServletResponse response) throws IOException {
    List<RateLimit> limits = List.of(denied.limit());
    response.addHeader(PolicyHeaders.POLICY, PolicyHeaders.policies(denied.name(), limits));
    response.setHeader(
        PolicyHeaders.LIMIT,
        PolicyHeaders.limit(denied.name(), limits, denied.limit(), denied.decision()));
    RateLimitProblem.write(response, denied.name(), denied.decision());
  }
}
