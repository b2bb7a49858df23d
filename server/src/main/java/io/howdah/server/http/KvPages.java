package io.howdah.server.http;

import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.kv.KeyValue;
import io.howdah.kv.KeyValueStore;
import io.howdah.kv.KvLimits;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/** Many values in one answer: pages of a namespace, and the values of a list of keys. */
final class KvPages {
  private static final int DEFAULT_LIMIT = 100;
  private static final int MOST_ENTRIES = 1_000;

  /** A thousand keys of a kilobyte, each byte as an escape of six characters. */
  private static final int MOST_KEY_BYTES = 8 << 20;

  /** About how many bytes of values a batchGet answers with. */
  private static final int MOST_VALUE_BYTES = KvLimits.VALUE_BYTES;

  /** How many values are read before they are counted: each may be one of the largest. */
  private static final int READ_AT_ONCE = 8;

  private final Backend backend;

  KvPages(Backend backend) {
    this.backend = backend;
  }

  /** What comes behind a key, in the order of the keys. */
  private interface Page<V> {
    List<KeyValue<V>> after(KeyValueStore<V> store, String key, int limit);
  }

  void list(Context ctx, String namespace) {
    QueryParameters query = QueryParameters.of(ctx, "prefix", "after", "limit", "contains");
    int limit = query.count("limit", DEFAULT_LIMIT, MOST_ENTRIES);
    String prefix = query.get("prefix", "");
    String after = query.get("after", "");
    if (query.get("contains").isPresent()) {
      if (!prefix.isEmpty()) {
        throw new InvalidArgumentException("prefix", "prefix: not together with contains");
      }
      String contains = query.get("contains").get();
      KeyValueStore<String> store = backend.howdah().kv(namespace, Codec.rawJson());
      writePage(
          ctx,
          store,
          (from, key, rows) -> from.find(contains, key, rows),
          after,
          limit,
          KvPages::json);
      return;
    }
    ofOneKind(
        () ->
            writePage(
                ctx,
                jsonStore(namespace),
                (from, key, rows) -> from.scan(prefix, key, rows),
                after,
                limit,
                KvPages::json),
        () ->
            writePage(
                ctx,
                bytesStore(namespace),
                (from, key, rows) -> from.scan(prefix, key, rows),
                after,
                limit,
                KvPages::bytes));
  }

  void batchGet(Context ctx, String namespace) {
    QueryParameters.refuseAll(ctx);
    List<String> keys = keys(RequestBody.json(ctx, MOST_KEY_BYTES, backend.bytesInFlight()));
    ofOneKind(
        () -> writeValues(ctx, values(jsonStore(namespace), keys, String::length), KvPages::json),
        () ->
            writeValues(
                ctx, values(bytesStore(namespace), keys, bytes -> bytes.length), KvPages::bytes));
  }

  /**
   * What a batchGet answers with.
   *
   * @param found the values of the first keys, as far as they are present
   * @param remaining the keys that come behind those
   */
  private record Values<V>(Map<String, V> found, List<String> remaining) {}

  private static <V> Values<V> values(
      KeyValueStore<V> store, List<String> keys, ToIntFunction<V> size) {
    Map<String, V> found = new LinkedHashMap<>();
    long bytes = 0;
    for (int from = 0; from < keys.size(); from += READ_AT_ONCE) {
      int to = Math.min(from + READ_AT_ONCE, keys.size());
      Map<String, V> part = store.getAll(keys.subList(from, to));
      for (int i = from; i < to; i++) {
        V value = part.get(keys.get(i));
        bytes += value == null ? 0 : size.applyAsInt(value);
        if (bytes > MOST_VALUE_BYTES && !found.isEmpty()) {
          return new Values<>(found, keys.subList(i, keys.size()));
        }
        if (value != null) {
          found.put(keys.get(i), value);
        }
      }
    }
    return new Values<>(found, List.of());
  }

  private static List<String> keys(String body) {
    JsonNode named = Json.readObject(body, Set.of("keys")).get("keys");
    if (named == null || !named.isArray() || named.size() > MOST_ENTRIES) {
      throw new InvalidArgumentException(
          "keys", "keys: an array of at most " + MOST_ENTRIES + " strings expected");
    }
    Set<String> keys = new LinkedHashSet<>();
    for (JsonNode key : named) {
      if (!key.isString()) {
        throw new InvalidArgumentException(
            "keys", "keys: strings expected, got " + key.getNodeType());
      }
      boolean unused = keys.add(key.stringValue());
    }
    return List.copyOf(keys);
  }

  private KeyValueStore<String> jsonStore(String namespace) {
    return backend.howdah().kv(namespace, Codec.rawJson());
  }

  private KeyValueStore<byte[]> bytesStore(String namespace) {
    return backend.howdah().kv(namespace, Codec.bytes());
  }

  /** Namespaces hold JSON, as a rule; one that does not is read as bytes. */
  private static void ofOneKind(Runnable asJson, Runnable asBytes) {
    try {
      asJson.run();
    } catch (HowdahException e) {
      if (e.code() != ErrorCode.WRONG_KIND) {
        throw e;
      }
      try {
        asBytes.run();
      } catch (HowdahException again) {
        throw again.code() == ErrorCode.WRONG_KIND
            ? new Problem(
                409,
                ErrorCode.WRONG_KIND.name(),
                "there are values of both kinds, JSON and bytes; read them key by key")
            : again;
      }
    }
  }

  private static <V> void writePage(
      Context ctx,
      KeyValueStore<V> store,
      Page<V> pages,
      String after,
      int limit,
      BiConsumer<JsonGenerator, V> value) {
    List<KeyValue<V>> page = pages.after(store, after, limit);
    String last = page.isEmpty() ? "" : page.get(page.size() - 1).key();
    // A page may be cut short because its values are large: only an empty one behind it tells that
    // it is the last.
    boolean more =
        page.size() == limit || (!page.isEmpty() && !pages.after(store, last, 1).isEmpty());
    write(
        ctx,
        json -> {
          for (KeyValue<V> row : page) {
            json.writeStartObject().writeStringProperty("key", row.key());
            value.accept(json, row.value());
            json.writeStringProperty("version", Long.toString(row.version()));
            row.expiresAt()
                .ifPresentOrElse(
                    end -> json.writeStringProperty("expiresAt", end.toString()),
                    () -> json.writeNullProperty("expiresAt"));
            var unused = json.writeEndObject();
          }
          json.writeEndArray();
          return more ? json.writeStringProperty("next", last) : json.writeNullProperty("next");
        });
  }

  private static <V> void writeValues(
      Context ctx, Values<V> values, BiConsumer<JsonGenerator, V> value) {
    write(
        ctx,
        json -> {
          values
              .found()
              .forEach((key, found) -> {
                json.writeStartObject().writeStringProperty("key", key);
                value.accept(json, found);
                var unused = json.writeEndObject();
              });
          json.writeEndArray().writeName("remaining").writeStartArray();
          values
              .remaining()
              .forEach(key -> {
                var unused = json.writeString(key);
              });
          return json.writeEndArray();
        });
  }

  private static void json(JsonGenerator to, String value) {
    var unused = to.writeName("value").writeRawValue(value);
  }

  private static void bytes(JsonGenerator to, byte[] value) {
    var unused = to.writeStringProperty("bytes", Base64.getEncoder().encodeToString(value));
  }

  /**
   * Straight to the client: an answer may have tens of megabytes. Everything has been read by now,
   * so it cannot fail half-way.
   */
  private static void write(Context ctx, Function<JsonGenerator, JsonGenerator> entries) {
    ctx.contentType(RequestBody.JSON).header("Cache-Control", "no-cache");
    try (JsonGenerator json = Json.MAPPER.createGenerator(ctx.res().getOutputStream())) {
      json.writeStartObject().writeName("entries").writeStartArray();
      var unused = entries.apply(json).writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
