package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the doctor has said, as JSON.
 *
 * @param exitCode with which it ended
 * @param json all of it
 */
record DoctorReport(int exitCode, JsonNode json) {
  record Found(
      String id,
      String severity,
      @Nullable String subject,
      String seen,
      String harm,
      List<String> remedy) {}

  static DoctorReport of(String url, String... more) {
    CommandRun run =
        CommandRun.of(
            Stream.concat(Stream.of("doctor", "--database-url", url, "--json"), Stream.of(more))
                .toArray(String[]::new));
    assertThat(run.err()).isEmpty();
    return new DoctorReport(run.exitCode(), JsonMapper.shared().readTree(run.out()));
  }

  List<Found> findings() {
    List<Found> findings = new ArrayList<>();
    for (JsonNode node : json.get("findings")) {
      List<String> remedy = new ArrayList<>();
      node.get("remedy").forEach(step -> remedy.add(step.asString()));
      JsonNode subject = node.get("subject");
      findings.add(
          new Found(
              node.get("id").asString(),
              node.get("severity").asString(),
              subject.isNull() ? null : subject.asString(),
              node.get("seen").asString(),
              node.get("harm").asString(),
              remedy));
    }
    return findings;
  }

  List<Found> all(String id) {
    return findings().stream().filter(finding -> finding.id().equals(id)).toList();
  }

  Found one(String id) {
    assertThat(all(id)).as(json.toPrettyString()).hasSize(1);
    return all(id).get(0);
  }

  String fact(String name) {
    return json.get("facts").get(name).asString();
  }
}
