package io.howdah.job;

import io.howdah.Codec;
import io.howdah.InvalidArgumentException;
import io.howdah.JsonText;
import io.howdah.job.JobEnqueue.NewJob;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** Makes checked jobs of what callers give, and payloads of what is stored. */
final class JobShape<T> {
  private static final int PAYLOAD_BYTES = 1 << 20;
  private static final int MOST_JOBS = 10_000;
  private static final long MOST_BYTES = 16L << 20;

  private final String queue;
  private final Codec<T> codec;

  JobShape(String queue, Codec<T> codec) {
    if (codec.kind() != Codec.Kind.JSON) {
      throw new InvalidArgumentException(
          "codec", "codec: one that makes JSON expected, got " + codec.kind());
    }
    this.queue = Jobs.queue(queue);
    this.codec = codec;
  }

  String queue() {
    return queue;
  }

  NewJob job(T payload, JobOptions options) {
    String json = Objects.requireNonNull(codec.encode(payload).json());
    long size = JsonText.size("payload", json);
    if (size > PAYLOAD_BYTES) {
      throw new InvalidArgumentException(
          "payload", "payload: at most " + PAYLOAD_BYTES + " bytes expected, got " + size);
    }
    return new NewJob(queue, json, options);
  }

  List<NewJob> jobs(Collection<? extends T> payloads, JobOptions options) {
    if (payloads.size() > MOST_JOBS) {
      throw new InvalidArgumentException(
          "payloads", "payloads: at most " + MOST_JOBS + " expected, got " + payloads.size());
    }
    if (options.uniqueKey() != null && payloads.size() > 1) {
      throw new InvalidArgumentException(
          "options", "options: no unique key expected for several jobs, got one");
    }
    List<NewJob> jobs = new ArrayList<>(payloads.size());
    long bytes = 0;
    for (T payload : payloads) {
      NewJob job = job(payload, options);
      bytes += job.payload().length();
      if (bytes > MOST_BYTES) {
        throw new InvalidArgumentException(
            "payloads",
            "payloads: at most " + MOST_BYTES + " characters in all expected, got more");
      }
      jobs.add(job);
    }
    return jobs;
  }

  T payload(TakenJob job) {
    return codec.decode(Codec.Encoded.json(job.payload()));
  }
}
