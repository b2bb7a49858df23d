package io.howdah.server.http;

import io.howdah.InvalidArgumentException;
import io.howdah.flag.Flag;
import io.howdah.flag.FlagChange;
import io.howdah.flag.FlagDefinition;
import io.howdah.flag.FlagEvaluation;
import io.howdah.flag.FlagExplanation;
import io.howdah.flag.FlagSubject;
import io.howdah.flag.Flags;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /v1/flags}. A subject stands in a body, never in a URL: what is known about a user is
 * nothing for logs.
 */
final class FlagRoutes {
  private static final String PATH = "/v1/flags";
  private static final String NAMED = PATH + "/{name}";
  private static final int MOST_BODY_BYTES = 1 << 20;

  private final Backend backend;

  FlagRoutes(Backend backend) {
    this.backend = backend;
  }

  void register(RoutesConfig routes) {
    routes
        .get(PATH, this::list)
        .head(PATH, this::list)
        .get(NAMED, this::get)
        .head(NAMED, this::get)
        .put(NAMED, this::set)
        .delete(NAMED, this::delete)
        .get(NAMED + "/history", this::history)
        .head(NAMED + "/history", this::history)
        .post(NAMED + "/evaluate", this::evaluate);
  }

  private Flags flags() {
    return backend.howdah().flags();
  }

  /** The library refuses what may be no name of a flag. */
  private static String name(Context ctx) {
    return ctx.pathParam("name");
  }

  private void list(Context ctx) {
    QueryParameters.refuseAll(ctx);
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArrayNode all = answer.putArray("flags");
    flags().list().forEach(flag -> all.add(show(flag)));
    Answers.json(ctx, answer);
  }

  private void get(Context ctx) {
    QueryParameters.refuseAll(ctx);
    Flag flag = flags().get(name(ctx)).orElseThrow(FlagRoutes::absent);
    Answers.json(ctx, show(flag));
  }

  private static ObjectNode show(Flag flag) {
    return Json.MAPPER
        .createObjectNode()
        .put("name", flag.name())
        .putRawValue("definition", Answers.raw(flag.definition().toJson()))
        .put("revision", flag.revision())
        .put("createdAt", flag.createdAt().toString())
        .put("updatedAt", flag.updatedAt().toString())
        .put("updatedBy", flag.updatedBy());
  }

  private void set(Context ctx) {
    ObjectNode body = body(ctx, Set.of("definition", "changedBy", "reason"));
    String definition = Members.json(body, "definition");
    if (definition == null) {
      throw new InvalidArgumentException("definition", "definition: a JSON object expected");
    }
    long revision =
        flags()
            .set(
                name(ctx),
                FlagDefinition.fromJson(definition),
                Members.text(body, "changedBy"),
                Members.textOrNull(body, "reason"));
    Answers.json(ctx, Json.MAPPER.createObjectNode().put("revision", revision));
  }

  private void delete(Context ctx) {
    QueryParameters parameters = QueryParameters.of(ctx, "changedBy", "reason");
    String changedBy = ChangeJson.changedBy(parameters);
    if (!flags().delete(name(ctx), changedBy, parameters.get("reason").orElse(null))) {
      throw absent();
    }
    Answers.empty(ctx);
  }

  private void history(Context ctx) {
    QueryParameters.refuseAll(ctx);
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArrayNode all = answer.putArray("changes");
    for (FlagChange change : flags().history(name(ctx))) {
      ChangeJson.add(
          all,
          change.revision(),
          change.changedAt(),
          change.changedBy(),
          change.reason(),
          change.before(),
          change.after());
    }
    ChangeJson.answer(ctx, answer, all, absent());
  }

  /** Also where there is no such flag: that is an answer, with its reason. */
  private void evaluate(Context ctx) {
    ObjectNode body = body(ctx, Set.of("user_id", "groups", "attributes"));
    FlagExplanation explanation = flags().explain(name(ctx), FlagSubject.fromJson(body.toString()));
    FlagEvaluation<@Nullable JsonNode> evaluation = explanation.evaluation();
    ObjectNode answer = Json.MAPPER.createObjectNode();
    answer
        .put("enabled", evaluation.isOn())
        .set("value", evaluation.value())
        .put("variant", evaluation.variant())
        .put("reason", evaluation.reason().name())
        .put("rule", evaluation.rule().sqlName())
        .put("explanation", explanation.text());
    number(answer, "rolloutBucket", explanation.rolloutBucket());
    number(answer, "variantBucket", explanation.variantBucket());
    Answers.json(ctx, answer);
  }

  private static void number(ObjectNode node, String member, OptionalInt number) {
    if (number.isPresent()) {
      node.put(member, number.getAsInt());
    } else {
      node.putNull(member);
    }
  }

  private ObjectNode body(Context ctx, Set<String> known) {
    QueryParameters.refuseAll(ctx);
    return Json.readObject(RequestBody.json(ctx, MOST_BODY_BYTES, backend.bytesInFlight()), known);
  }

  private static Problem absent() {
    return Problem.notFound("there is no such flag");
  }
}
