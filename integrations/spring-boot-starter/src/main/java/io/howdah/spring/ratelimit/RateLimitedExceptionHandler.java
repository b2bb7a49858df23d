package io.howdah.spring.ratelimit;

import io.howdah.ratelimit.Decision;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.annotation.Order;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;

/** Makes status 429 and problem details of what a limited method throws under a controller. */
@ControllerAdvice
@Order(0)
final class RateLimitedExceptionHandler {
  @ExceptionHandler(RateLimitedException.class)
  void handle(RateLimitedException denied, HttpServletResponse response) throws IOException {
    response.addHeader(PolicyHeaders.POLICY, denied.policies());
    // Where nobody knows, nothing is said.
    if (denied.decision().source() != Decision.Source.UNAVAILABLE) {
      response.setHeader(
          PolicyHeaders.LIMIT,
          PolicyHeaders.limit(denied.policy(), denied.limit(), denied.decision()));
    }
    RateLimitProblem.write(response, denied.policy(), denied.decision());
  }
}
