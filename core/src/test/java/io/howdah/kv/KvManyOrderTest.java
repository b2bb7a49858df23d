package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.Threads;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Calls on many keys come behind what their thread has called asynchronously on these keys, and
 * before what it calls later.
 */
class KvManyOrderTest extends HowdahTest {
  private static final List<String> KEYS = List.of("a", "b", "c", "d");

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder.lanes(4).callTimeout(Duration.ofSeconds(60));
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void callsOnManyKeysComeBehindEarlierAsynchronousOnes(Durability durability) {
    String namespace = "order-" + durability;
    howdah.namespaces().create(namespace, durability);
    Threads.run(
        8,
        thread -> {
          run(new Random(thread), howdah.kv(namespace, Integer.class), thread + "-");
          return true;
        });
  }

  private static void run(Random random, KeyValueStore<Integer> store, String prefix) {
    List<String> keys = KEYS.stream().map(key -> prefix + key).toList();
    Map<String, Integer> model = new HashMap<>();
    for (int i = 0; i < 60; i++) {
      for (int earlier = random.nextInt(30); earlier > 0; earlier--) {
        String key = keys.get(random.nextInt(keys.size()));
        if (random.nextInt(4) == 0) {
          var unused = store.async().delete(key);
          model.remove(key);
        } else {
          var unused = store.async().set(key, i * 100 + earlier);
          model.put(key, i * 100 + earlier);
        }
      }
      switch (random.nextInt(3)) {
        case 0 -> assertThat(store.getAll(keys)).isEqualTo(model);
        case 1 -> {
          Map<String, Integer> values = new HashMap<>();
          keys.subList(0, 2).forEach(key -> values.put(key, -1));
          store.setAll(values);
          model.putAll(values);
        }
        default -> {
          long present = keys.subList(1, 4).stream().filter(model::containsKey).count();
          assertThat(store.deleteAll(keys.subList(1, 4))).isEqualTo(present);
          keys.subList(1, 4).forEach(model::remove);
        }
      }
      String one = keys.get(random.nextInt(keys.size()));
      assertThat(store.get(one)).isEqualTo(Optional.ofNullable(model.get(one)));
    }
  }
}
