package io.howdah.cli.importing;

import io.howdah.cli.CommandFailure;
import io.howdah.cli.importing.Checkpoints.Checkpoint;
import io.howdah.cli.importing.Checkpoints.StoredValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Carries records from a source to a target, a batch at a time, and after each batch notes where it
 * is.
 */
public final class Importer {
  /** About how many characters of values a batch has at most, as a statement of the library. */
  private static final int BATCH_CHARACTERS = 4 << 20;

  private final Target target;
  private final int batchSize;
  private final RejectFile rejects;
  private final @Nullable Checkpoints checkpoints;
  private final Progress progress;
  private final List<Item.Accepted> batch = new ArrayList<>();
  private final List<Item.Rejected> rejectedByBatch = new ArrayList<>();
  private long batchCharacters;
  private long read;
  private @Nullable StoredValue last;

  /**
   * An import.
   *
   * @param checkpoints null when it cannot be gone on with
   */
  public Importer(
      Target target,
      int batchSize,
      RejectFile rejects,
      @Nullable Checkpoints checkpoints,
      Progress progress) {
    this.target = target;
    this.batchSize = batchSize;
    this.rejects = rejects;
    this.checkpoints = checkpoints;
    this.progress = progress;
  }

  /** What this run has read, without what an earlier one did. */
  public long read() {
    return read;
  }

  /**
   * Imports what the source still has.
   *
   * @param name of the file, for the checkpoint
   * @param before where an earlier run was; null to begin
   */
  public Tally run(RecordSource source, String name, @Nullable Checkpoint before) {
    Tally tally = before == null ? new Tally() : new Tally(before.tally());
    last = before == null ? null : before.last();
    try {
      Item item;
      while ((item = next(source, name, tally)) != null) {
        read++;
        if (item instanceof Item.Accepted accepted) {
          batch.add(accepted);
          batchCharacters += accepted.json().length();
        } else {
          rejectedByBatch.add((Item.Rejected) item);
        }
        if (batch.size() + rejectedByBatch.size() >= batchSize
            || batchCharacters > BATCH_CHARACTERS) {
          finishBatch(source, name, tally);
        }
      }
      finishBatch(source, name, tally);
      if (checkpoints != null) {
        checkpoints.delete();
      }
      return tally;
    } catch (IOException e) {
      throw new CommandFailure("cannot write the file of rejected records: " + e.getMessage(), e);
    }
  }

  private @Nullable Item next(RecordSource source, String name, Tally tally) throws IOException {
    try {
      return source.next();
    } catch (IOException e) {
      finishBatch(source, name, tally);
      throw new CommandFailure(
          e.getMessage()
              + " ("
              + tally.stored()
              + " records before it are stored, "
              + tally.rejected()
              + " were rejected)",
          e);
    }
  }

  private void finishBatch(RecordSource source, String name, Tally tally) throws IOException {
    List<Item.Rejected> refused = target.store(batch);
    tally.stored(batch.size() - refused.size());
    rejectedByBatch.addAll(refused);
    for (Item.Rejected rejected : rejectedByBatch) {
      tally.rejected(rejected);
      rejects.add(rejected);
    }
    RejectFile.Place rejected = rejects.flush();
    if (checkpoints != null && (!batch.isEmpty() || !rejectedByBatch.isEmpty())) {
      StoredValue stored = lastStored(refused);
      last = stored == null ? last : stored;
      checkpoints.save(
          new Checkpoint(
              name, target.namespace(), source.position(), tally.snapshot(), last, rejected));
    }
    batch.clear();
    rejectedByBatch.clear();
    batchCharacters = 0;
    progress.at(source.bytesRead(), read);
  }

  private @Nullable StoredValue lastStored(List<Item.Rejected> refused) {
    Set<Long> lines = refused.stream().map(Item.Rejected::line).collect(Collectors.toSet());
    for (int i = batch.size() - 1; i >= 0; i--) {
      if (!lines.contains(batch.get(i).line())) {
        return target.find(batch.get(i).key());
      }
    }
    return null;
  }
}
