package io.howdah.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import tools.jackson.databind.JsonNode;

/** Checks problem documents (RFC 9457). */
public final class ProblemAssert {
  private ProblemAssert() {}

  public static JsonNode assertProblem(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
    JsonNode problem = ServerFixture.json(response);
    assertThat(problem.path("type").stringValue()).startsWith("urn:howdah:problem:");
    assertThat(problem.path("title").stringValue()).isNotBlank();
    assertThat(problem.path("detail").stringValue()).isNotBlank();
    assertThat(problem.path("status").intValue()).isEqualTo(status);
    assertThat(problem.path("code").stringValue()).isEqualTo(code);
    return problem;
  }

  public static void assertBadArgument(HttpResponse<String> response, String argument) {
    JsonNode problem = assertProblem(response, 400, "INVALID_ARGUMENT");
    assertThat(problem.path("argument").stringValue()).isEqualTo(argument);
    assertThat(problem.path("detail").stringValue()).startsWith(argument);
  }
}
