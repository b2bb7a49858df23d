package io.howdah.server.http;

import io.howdah.Codec;
import io.howdah.InvalidArgumentException;
import io.howdah.job.JobCount;
import io.howdah.job.JobInfo;
import io.howdah.job.JobOptions;
import io.howdah.job.JobState;
import io.howdah.job.Jobs;
import io.howdah.job.TakenJob;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/jobs}: enough for a worker in another language. */
final class JobRoutes {
  private static final String PATH = "/v1/jobs";
  private static final String ONE = PATH + "/{id}";
  private static final int MOST_BODY_BYTES = (1 << 20) + (1 << 16);
  private static final int MOST_TAKEN = 100;

  private final Backend backend;

  JobRoutes(Backend backend) {
    this.backend = backend;
  }

  void register(RoutesConfig routes) {
    routes
        .get(PATH, this::list)
        .head(PATH, this::list)
        .get(ONE, this::get)
        .head(ONE, this::get)
        .post(PATH + ":enqueue", this::enqueue)
        .post(PATH + ":take", this::take)
        .post(PATH + ":heartbeat", this::heartbeat)
        .post(PATH + ":complete", this::complete)
        .post(PATH + ":fail", this::fail)
        .post(PATH + ":release", this::release)
        .post(PATH + ":cancel", this::cancel)
        .post(PATH + ":retry", this::retry)
        .post(PATH + ":counts", this::counts);
  }

  private Jobs jobs() {
    return backend.howdah().jobs();
  }

  private void enqueue(Context ctx) {
    ObjectNode body =
        body(
            ctx,
            Set.of("queue", "payload", "runAt", "delay", "priority", "uniqueKey", "maxAttempts"));
    String payload = Members.json(body, "payload");
    if (payload == null) {
      throw new InvalidArgumentException("payload", "payload: a JSON value expected");
    }
    OptionalLong id =
        backend
            .howdah()
            .jobs(Members.text(body, "queue"), Codec.rawJson())
            .enqueue(payload, options(body));
    if (id.isEmpty()) {
      throw new Problem(409, "JOB_EXISTS", "an unfinished job of the queue has this unique key");
    }
    Answers.json(ctx, Json.MAPPER.createObjectNode().put("id", id.getAsLong()));
  }

  private static JobOptions options(ObjectNode body) {
    JobOptions options = JobOptions.defaults().priority(number(body, "priority", 0));
    String runAt = Members.textOrNull(body, "runAt");
    Duration delay = Members.durationOrNull(body, "delay");
    if (runAt != null && delay != null) {
      throw new InvalidArgumentException("delay", "delay: no runAt beside it expected");
    }
    if (runAt != null) {
      options = options.runAt(instant(runAt));
    }
    if (delay != null) {
      options = options.delay(delay);
    }
    String key = Members.textOrNull(body, "uniqueKey");
    if (key != null) {
      options = options.uniqueKey(key);
    }
    return Members.isSet(body, "maxAttempts")
        ? options.maxAttempts(number(body, "maxAttempts", 0))
        : options;
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new InvalidArgumentException(
          "runAt", "runAt: an instant like 2026-03-01T09:00:00Z expected", e);
    }
  }

  private static int number(ObjectNode body, String member, int otherwise) {
    if (!Members.isSet(body, member)) {
      return otherwise;
    }
    JsonNode node = body.path(member);
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw new InvalidArgumentException(member, member + ": an integer expected");
    }
    return node.intValue();
  }

  private void take(Context ctx) {
    ObjectNode body = body(ctx, Set.of("queue", "maxRows", "lease", "worker"));
    int rows = number(body, "maxRows", 1);
    if (rows < 1 || rows > MOST_TAKEN) {
      throw new InvalidArgumentException(
          "maxRows", "maxRows: 1 to " + MOST_TAKEN + " expected, got " + rows);
    }
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArrayNode all = answer.putArray("jobs");
    for (TakenJob job :
        jobs()
            .take(
                Members.text(body, "queue"),
                rows,
                Members.duration(body, "lease"),
                Members.text(body, "worker"))) {
      all.addObject()
          .put("id", job.id())
          .putRawValue("payload", Answers.raw(job.payload()))
          .put("attempt", job.attempt())
          .put("maxAttempts", job.maxAttempts())
          .put("priority", job.priority())
          .put("runAt", job.runAt().toString())
          .put("enqueuedAt", job.enqueuedAt().toString())
          .put("holder", job.holder())
          .put("leasedUntil", job.leasedUntil().toString());
    }
    Answers.json(ctx, answer);
  }

  private void heartbeat(Context ctx) {
    ObjectNode body = body(ctx, Set.of("id", "holder", "lease"));
    held(ctx, jobs().heartbeat(id(body), holder(body), Members.duration(body, "lease")));
  }

  private void complete(Context ctx) {
    ObjectNode body = body(ctx, Set.of("id", "holder"));
    held(ctx, jobs().complete(id(body), holder(body)));
  }

  private void fail(Context ctx) {
    ObjectNode body = body(ctx, Set.of("id", "holder", "error", "retryIn"));
    held(
        ctx,
        jobs()
            .fail(
                id(body),
                holder(body),
                Members.text(body, "error"),
                Members.durationOrNull(body, "retryIn")));
  }

  private void release(Context ctx) {
    ObjectNode body = body(ctx, Set.of("id", "holder"));
    held(ctx, jobs().release(id(body), holder(body)));
  }

  private static void held(Context ctx, boolean held) {
    if (!held) {
      throw new Problem(409, "JOB_LOST", "the job is not this holder's any more");
    }
    Answers.empty(ctx);
  }

  private void cancel(Context ctx) {
    done(ctx, jobs().cancel(id(body(ctx, Set.of("id")))));
  }

  private void retry(Context ctx) {
    done(ctx, jobs().retry(id(body(ctx, Set.of("id")))));
  }

  private static void done(Context ctx, boolean done) {
    if (!done) {
      throw Problem.notFound("there is no such job, or not in a state for this");
    }
    Answers.empty(ctx);
  }

  private static long id(ObjectNode body) {
    return Members.required(body, "id");
  }

  private static String holder(ObjectNode body) {
    return Members.text(body, "holder");
  }

  private void counts(Context ctx) {
    String queue = Members.textOrNull(body(ctx, Set.of("queue")), "queue");
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArrayNode all = answer.putArray("counts");
    for (JobCount count : queue == null ? jobs().counts() : jobs().counts(queue)) {
      all.addObject()
          .put("queue", count.queue())
          .put("state", count.state())
          .put("jobs", count.jobs())
          .put("oldestRunAt", count.oldestRunAt().toString());
    }
    Answers.json(ctx, answer);
  }

  private void list(Context ctx) {
    QueryParameters parameters = QueryParameters.of(ctx, "queue", "state", "after", "limit");
    String after = parameters.get("after", "0");
    if (!after.matches("\\d{1,18}")) {
      throw new InvalidArgumentException("after", "after: the id of a job expected");
    }
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArrayNode all = answer.putArray("jobs");
    String queue =
        parameters
            .get("queue")
            .orElseThrow(() -> new InvalidArgumentException("queue", "queue: a queue expected"));
    jobs()
        .list(
            queue,
            state(parameters.get("state", "waiting")),
            Long.parseLong(after),
            parameters.count("limit", 100, MOST_TAKEN))
        .forEach(job -> all.add(show(job)));
    Answers.json(ctx, answer);
  }

  private static JobState state(String name) {
    for (JobState state : JobState.values()) {
      if (state.sqlName().equals(name)) {
        return state;
      }
    }
    throw new InvalidArgumentException(
        "state", "state: waiting, running, completed, dead or cancelled expected");
  }

  private void get(Context ctx) {
    QueryParameters.refuseAll(ctx);
    String id = ctx.pathParam("id");
    if (!id.matches("\\d{1,18}")) {
      throw new InvalidArgumentException("id", "id: the id of a job expected");
    }
    Answers.json(
        ctx,
        show(
            jobs()
                .get(Long.parseLong(id))
                .orElseThrow(() -> Problem.notFound("there is no such job"))));
  }

  private static ObjectNode show(JobInfo job) {
    return Json.MAPPER
        .createObjectNode()
        .put("id", job.id())
        .put("queue", job.queue())
        .put("state", job.state().sqlName())
        .putRawValue("payload", Answers.raw(job.payload()))
        .put("attempt", job.attempt())
        .put("maxAttempts", job.maxAttempts())
        .put("priority", job.priority())
        .put("runAt", job.runAt().toString())
        .put("enqueuedAt", job.enqueuedAt().toString())
        .put("takenAt", text(job.takenAt()))
        .put("leasedUntil", text(job.leasedUntil()))
        .put("endedAt", text(job.endedAt()))
        .put("holder", job.holder().orElse(null))
        .put("error", job.error().orElse(null))
        .put("uniqueKey", job.uniqueKey().orElse(null));
  }

  private static @Nullable String text(Optional<Instant> time) {
    return time.map(Instant::toString).orElse(null);
  }

  private ObjectNode body(Context ctx, Set<String> known) {
    QueryParameters.refuseAll(ctx);
    return Json.readObject(RequestBody.json(ctx, MOST_BODY_BYTES, backend.bytesInFlight()), known);
  }
}
