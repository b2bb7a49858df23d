package io.howdah.cli.importing;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.kv.KeyValueStore;
import io.howdah.kv.Namespaces;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where imports are, in the database that they fill: a place is lost in a crash of Postgres only
 * together with the values before it. So that of an import into an ephemeral namespace is ephemeral
 * as well.
 */
public final class Checkpoints {
  static final String NAMESPACE = "howdah.import";
  static final String EPHEMERAL_NAMESPACE = "howdah.import.ephemeral";

  /**
   * Where an import is.
   *
   * @param file the file, for whoever looks
   * @param namespace the namespace that it goes into
   * @param position behind the last record that was stored or rejected
   * @param tally what became of the records before it
   * @param last the last value that was stored; null when all records were rejected
   * @param rejects how far the file of rejected records is; null without one
   */
  public record Checkpoint(
      String file,
      String namespace,
      RecordSource.Position position,
      Tally.Snapshot tally,
      @Nullable StoredValue last,
      RejectFile.@Nullable Place rejects) {}

  /**
   * A value by whose life those of the import are known. Whoever writes to it later does not change
   * when it was created; a namespace that is dropped or cleared takes it along.
   */
  public record StoredValue(String key, String createdAt) {}

  private final KeyValueStore<Checkpoint> store;
  private final String key;

  private Checkpoints(KeyValueStore<Checkpoint> store, String key) {
    this.store = store;
    this.key = key;
  }

  /**
   * Those of one import.
   *
   * @param durability of the namespace that it fills
   * @param identity what makes another import of it when it changes: the file, its size, ...
   */
  public static Checkpoints of(Howdah howdah, Durability durability, List<String> identity) {
    String namespace = durability == Durability.EPHEMERAL ? EPHEMERAL_NAMESPACE : NAMESPACE;
    if (durability != Durability.EPHEMERAL) {
      Namespaces namespaces = howdah.namespaces();
      if (namespaces.list().stream()
          .noneMatch(known -> known.isRegistered() && known.name().equals(NAMESPACE))) {
        boolean unused = namespaces.create(NAMESPACE, Durability.DURABLE);
      }
    }
    return new Checkpoints(howdah.kv(namespace, Checkpoint.class), digest(identity));
  }

  private static String digest(List<String> identity) {
    try {
      byte[] text = String.join("\u0001", identity).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  public Optional<Checkpoint> find() {
    return store.get(key);
  }

  void save(Checkpoint checkpoint) {
    long unused = store.set(key, checkpoint);
  }

  public void delete() {
    boolean unused = store.delete(key);
  }
}
