package io.howdah.cli.doctor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was found.
 *
 * @param facts what the server is, by name, in the order in which they are told
 * @param findings the most harmful first
 * @param skipped what could not be looked at, and why
 */
public record Report(
    Map<String, String> facts, List<Finding> findings, Map<Ailment, String> skipped) {

  public Report {
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    findings = List.copyOf(findings);
    skipped = Collections.unmodifiableMap(new LinkedHashMap<>(skipped));
  }

  /** The severity of the first finding; empty when there is none. */
  public Optional<Severity> worst() {
    return findings.stream().map(Finding::severity).findFirst();
  }
}
