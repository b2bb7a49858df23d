package io.howdah.engine;

import io.howdah.Durability;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The calls of one statement: merged by key, and what each gets. */
final class Riders<A, R extends @Nullable Object> implements Batch.Answers<R> {
  final Operation<A, R> operation;
  final Batch<A, R> batch;
  final Durability level;
  private final Map<Object, Integer> positions;
  private final List<A> args;
  private final List<List<Call<A, R>>> groups;
  private final List<Call<A, R>> calls;
  private final List<@Nullable R> answers;
  private final Set<Object> full = new HashSet<>(0);
  private boolean[] answered = new boolean[0];

  Riders(Operation<A, R> operation, Batch<A, R> batch, Durability level, int size) {
    this.operation = operation;
    this.batch = batch;
    this.level = level;
    this.positions = new LinkedHashMap<>(size * 2);
    this.args = new ArrayList<>(size);
    this.groups = new ArrayList<>(size);
    this.calls = new ArrayList<>(size);
    this.answers = new ArrayList<>(size);
  }

  boolean board(Call<A, R> call) {
    Object key = batch.key(call.args);
    Integer position = positions.get(key);
    if (position == null) {
      positions.put(key, args.size());
      args.add(call.args);
      groups.add(List.of(call));
    } else {
      A merged = full.contains(key) ? null : batch.merge(args.get(position), call.args);
      if (merged == null) {
        // Nor may a later one on this key overtake it.
        full.add(key);
        return false;
      }
      args.set(position, merged);
      List<Call<A, R>> group = groups.get(position);
      if (group.size() == 1) {
        group = new ArrayList<>(group);
        groups.set(position, group);
      }
      group.add(call);
    }
    calls.add(call);
    return true;
  }

  boolean isEmpty() {
    return args.isEmpty();
  }

  int size() {
    return args.size();
  }

  List<A> args() {
    return args;
  }

  List<Call<A, R>> calls() {
    return calls;
  }

  List<Call<A, R>> group(int position) {
    return groups.get(position);
  }

  @Override
  public void byPosition(int position, R answer) {
    prepareAnswers();
    answers.set(position, answer);
    answered[position] = true;
  }

  @Override
  public void byKey(Object key, R answer) {
    Integer position = positions.get(key);
    if (position != null) {
      byPosition(position, answer);
    }
  }

  @Override
  public void others(R answer) {
    prepareAnswers();
    for (int i = 0; i < answered.length; i++) {
      if (!answered[i]) {
        byPosition(i, answer);
      }
    }
  }

  private void prepareAnswers() {
    if (answered.length == 0) {
      answered = new boolean[args.size()];
      for (int i = 0; i < answered.length; i++) {
        answers.add(null);
      }
    }
  }

  /** Gives each call its answer; the calls that have none. */
  List<Call<A, R>> share() {
    prepareAnswers();
    List<Call<A, R>> unanswered = new ArrayList<>(0);
    for (int i = 0; i < answered.length; i++) {
      List<Call<A, R>> group = groups.get(i);
      if (!answered[i]) {
        unanswered.addAll(group);
        continue;
      }
      @SuppressWarnings("NullAway") // an answer may be null: R says so
      R answer = answers.get(i);
      if (group.size() == 1) {
        group.get(0).complete(answer);
      } else {
        List<A> merged = group.stream().map(call -> call.args).toList();
        for (int j = 0; j < merged.size(); j++) {
          group.get(j).complete(batch.share(merged, j, answer));
        }
      }
    }
    return unanswered;
  }
}
