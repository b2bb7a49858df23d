package io.howdah.server.http;

import io.howdah.InvalidArgumentException;
import io.howdah.preference.AsyncPreferences;
import io.howdah.preference.Preference;
import io.howdah.preference.PreferenceKey;
import io.howdah.preference.PreferenceValue;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /v1/preferences}: what users have set, and what holds for groups and for everybody. Who a
 * user is and what he has stand in bodies, but for the id of whom a request is about.
 */
final class PreferenceRoutes {
  private static final String PATH = "/v1/preferences";
  private static final String USER = PATH + "/users/{user}";
  private static final String GROUP = PATH + "/groups/{group}";
  private static final String SYSTEM = PATH + "/system";
  private static final String KEY = "/{key}";

  /** A value of 64 KiB, each byte as an escape of six characters. */
  private static final int MOST_VALUE_BYTES = 512 << 10;

  /** A thousand groups of 256 bytes. */
  private static final int MOST_BODY_BYTES = 2 << 20;

  private static final int DEFAULT_LIMIT = 100;
  private static final int MOST_LIMIT = 1_000;

  private final Backend backend;

  PreferenceRoutes(Backend backend) {
    this.backend = backend;
  }

  void register(RoutesConfig routes) {
    routes
        .get(USER, ctx -> list(ctx, () -> async().all(user(ctx))))
        .delete(USER, ctx -> remove(ctx, () -> async().forget(user(ctx))))
        .put(USER + KEY, ctx -> set(ctx, value -> async().set(user(ctx), key(ctx), value)))
        .delete(USER + KEY, ctx -> remove(ctx, () -> async().unset(user(ctx), key(ctx))))
        .get(GROUP, ctx -> list(ctx, () -> async().allGroup(group(ctx))))
        .delete(GROUP, ctx -> remove(ctx, () -> async().forgetGroup(group(ctx))))
        .put(GROUP + KEY, ctx -> set(ctx, value -> async().setGroup(group(ctx), key(ctx), value)))
        .delete(GROUP + KEY, ctx -> remove(ctx, () -> async().unsetGroup(group(ctx), key(ctx))))
        .get(SYSTEM, ctx -> list(ctx, () -> async().allSystem()))
        .put(SYSTEM + KEY, ctx -> set(ctx, value -> async().setSystem(key(ctx), value)))
        .delete(SYSTEM + KEY, ctx -> remove(ctx, () -> async().unsetSystem(key(ctx))))
        .post(PATH + ":effective", this::effective)
        .post(PATH + ":find", this::find);
  }

  /** Makes a call with the value in the body. */
  private interface Setter {
    CompletionStage<@Nullable Void> set(String json);
  }

  private AsyncPreferences async() {
    return backend.howdah().preferences().async();
  }

  private static String user(Context ctx) {
    return ctx.pathParam("user");
  }

  private static String group(Context ctx) {
    return ctx.pathParam("group");
  }

  private static PreferenceKey<String> key(Context ctx) {
    return PreferenceKey.json(ctx.pathParam("key"));
  }

  private void list(Context ctx, Supplier<CompletionStage<List<Preference>>> call) {
    QueryParameters.refuseAll(ctx);
    backend.answer(
        ctx,
        call,
        found -> {
          ObjectNode answer = Json.MAPPER.createObjectNode();
          ObjectNode values = answer.putObject("preferences");
          for (Preference each : found) {
            values.putRawValue(each.key(), Answers.raw(each.json()));
            answer.put("updatedAt", each.updatedAt().toString());
          }
          Answers.json(ctx, answer);
        });
  }

  private void set(Context ctx, Setter call) {
    QueryParameters.refuseAll(ctx);
    String json = RequestBody.json(ctx, MOST_VALUE_BYTES, backend.bytesInFlight());
    backend.answer(ctx, () -> call.set(json), done -> Answers.empty(ctx));
  }

  private void remove(Context ctx, Supplier<CompletionStage<Boolean>> call) {
    QueryParameters.refuseAll(ctx);
    backend.answer(
        ctx,
        call,
        removed -> {
          if (!removed) {
            throw Problem.notFound("there is no such preference");
          }
          Answers.empty(ctx);
        });
  }

  private ObjectNode body(Context ctx, String... known) {
    QueryParameters.refuseAll(ctx);
    return Json.readObject(
        RequestBody.json(ctx, MOST_BODY_BYTES, backend.bytesInFlight()), Set.of(known));
  }

  private void effective(Context ctx) {
    ObjectNode body = body(ctx, "userId", "groups");
    String user = Members.text(body, "userId");
    List<String> groups = groups(body);
    backend.answer(
        ctx,
        () -> async().effective(user, groups),
        found -> {
          ObjectNode answer = Json.MAPPER.createObjectNode();
          ObjectNode all = answer.putObject("preferences");
          for (Map.Entry<String, PreferenceValue<String>> each : found.asJson().entrySet()) {
            PreferenceValue<String> value = each.getValue();
            ObjectNode shown =
                all.putObject(each.getKey())
                    .putRawValue("value", Answers.raw(value.value()))
                    .put("origin", value.origin().name().toLowerCase(Locale.ROOT));
            value.group().ifPresent(group -> shown.put("group", group));
          }
          Answers.json(ctx, answer);
        });
  }

  private static List<String> groups(ObjectNode body) {
    JsonNode node = body.path("groups");
    List<String> groups = new ArrayList<>();
    if (node.isMissingNode()) {
      return groups;
    }
    if (!node.isArray()) {
      throw new InvalidArgumentException("groups", "groups: an array of texts expected");
    }
    for (JsonNode each : node) {
      if (!each.isString()) {
        throw new InvalidArgumentException("groups", "groups: an array of texts expected");
      }
      groups.add(each.stringValue());
    }
    return groups;
  }

  private void find(Context ctx) {
    ObjectNode body = body(ctx, "key", "value", "after", "limit");
    PreferenceKey<String> key = PreferenceKey.json(Members.text(body, "key"));
    String value = Members.json(body, "value");
    if (value == null) {
      throw new InvalidArgumentException("value", "value: a JSON value expected");
    }
    String after = Members.isSet(body, "after") ? Members.text(body, "after") : "";
    Long limit = Members.count(body, "limit");
    if (limit != null && limit > MOST_LIMIT) {
      throw new InvalidArgumentException(
          "limit", "limit: 1 to " + MOST_LIMIT + " expected, got " + limit);
    }
    int rows = limit == null ? DEFAULT_LIMIT : limit.intValue();
    backend.answer(
        ctx,
        () -> async().find(key, value, after, rows),
        found -> {
          ObjectNode answer = Json.MAPPER.createObjectNode();
          ArrayNode users = answer.putArray("userIds");
          found.forEach(users::add);
          Answers.json(ctx, answer);
        });
  }
}
