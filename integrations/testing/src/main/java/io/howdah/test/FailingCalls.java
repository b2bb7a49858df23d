package io.howdah.test;

import io.howdah.CallFailedException;
import io.howdah.CallFailedException.Outcome;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.engine.Faults;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The calls that are to fail. */
final class FailingCalls implements Faults {
  /**
   * What Howdah calls by itself, at times that no test knows: where functions are not named, these
   * are not meant.
   */
  static final Set<String> OWN =
      Set.of(
          "first_use",
          "wipe_check",
          "sweep_due",
          "stats",
          "kv_mark",
          "cache_mark",
          "notify",
          "namespace_levels",
          "namespace_notifies",
          "cache_notification",
          "preference_notification",
          "cache_renew",
          "lock_renew",
          "flag_snapshot",
          "config_list",
          "channel_now",
          "channel_read",
          "channel_named",
          "job_take",
          "job_next_in",
          "job_heartbeat");

  private static final class Rule {
    final ErrorCode code;
    final List<String> functions;
    int left;

    Rule(int calls, ErrorCode code, List<String> functions) {
      this.left = calls;
      this.code = code;
      this.functions = functions;
    }

    boolean isFor(String operation) {
      return functions.isEmpty()
          ? !OWN.contains(operation)
          : functions.stream()
              .anyMatch(name -> operation.equals(name) || operation.startsWith(name + "_"));
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Rule> rules = new ArrayList<>();

  void add(int calls, ErrorCode code, List<String> functions) {
    lock.lock();
    try {
      rules.add(new Rule(calls, code, functions));
    } finally {
      lock.unlock();
    }
  }

  int left() {
    lock.lock();
    try {
      return rules.stream().mapToInt(rule -> rule.left).sum();
    } finally {
      lock.unlock();
    }
  }

  void clear() {
    lock.lock();
    try {
      rules.clear();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public @Nullable HowdahException next(String operation, boolean isWrite) {
    lock.lock();
    try {
      Rule rule = rules.stream().filter(r -> r.isFor(operation)).findFirst().orElse(null);
      if (rule == null) {
        return null;
      }
      rule.left--;
      if (rule.left == 0) {
        rules.remove(rule);
      }
      return failure(rule.code, operation, isWrite);
    } finally {
      lock.unlock();
    }
  }

  private static HowdahException failure(ErrorCode code, String operation, boolean isWrite) {
    String message = operation + ": a test has this call fail with " + code;
    return switch (code) {
      case UNAVAILABLE, TIMEOUT, INTERRUPTED ->
          new CallFailedException(
              code, isWrite ? Outcome.UNKNOWN : Outcome.NOT_APPLIED, message, null);
      case LOCKED -> new CallFailedException(code, Outcome.NOT_APPLIED, message, null);
      default -> new HowdahException(code, message);
    };
  }
}
