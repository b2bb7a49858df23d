package io.howdah.server.http;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is wrong with a request, or with its answer: a problem document (RFC 9457). Thrown to end
 * the request with it.
 */
final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  static final String MEDIA_TYPE = "application/problem+json";

  private final int status;
  private final String code;
  private final LinkedHashMap<String, String> members = new LinkedHashMap<>();
  private final LinkedHashMap<String, String> headers = new LinkedHashMap<>();

  /**
   * A problem.
   *
   * @param code a stable name that programs may branch on
   * @param detail what is wrong, for people
   */
  Problem(int status, String code, String detail) {
    super(detail, null, false, false);
    this.status = status;
    this.code = code;
  }

  static Problem notFound(String detail) {
    return new Problem(404, "NOT_FOUND", detail);
  }

  static Problem preconditionFailed(String detail) {
    return new Problem(412, "PRECONDITION_FAILED", detail);
  }

  static Problem methodNotAllowed(String allowed) {
    return new Problem(405, "METHOD_NOT_ALLOWED", "this resource answers " + allowed)
        .header("Allow", allowed);
  }

  /** Adds a member to the document. */
  Problem with(String name, String value) {
    members.put(name, value);
    return this;
  }

  Problem header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  int status() {
    return status;
  }

  Map<String, String> headers() {
    return headers;
  }

  byte[] document() {
    ObjectNode document = Json.MAPPER.createObjectNode();
    document.put("type", "urn:howdah:problem:" + code.toLowerCase(Locale.ROOT).replace('_', '-'));
    document.put(
        "title", code.charAt(0) + code.substring(1).toLowerCase(Locale.ROOT).replace('_', ' '));
    document.put("status", status);
    document.put("detail", getMessage());
    document.put("code", code);
    members.forEach(document::put);
    return Json.bytes(document);
  }
}
