package io.howdah.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.CallFailedException;
import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.fault.History.Outcome;
import io.howdah.kv.KeyValueStore;
import io.howdah.testing.PrivatePostgres;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The disk is full, of the data or of the log of changes: a small file system in memory. */
@Tag("full")
@Timeout(300)
class DiskFullTest {
  private static final Logger LOG = LoggerFactory.getLogger(DiskFullTest.class);
  private static final int MEGABYTE = 1 << 20;

  /** It ends when it crashes, and so it can be known. */
  private static final String END_WITH_A_CRASH = "restart_after_crash = off";

  /** No file of it is used again, so that a new one is soon wanted. */
  private static final String KEEP_THE_LOG = "wal_keep_size = '10GB'";

  private Path disk;

  @BeforeEach
  void mount() throws IOException, InterruptedException {
    disk = Files.createTempDirectory("howdah-disk");
    Process mount =
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", disk.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(mount.getInputStream().readAllBytes());
    boolean mounted = mount.waitFor() == 0;
    if (!mounted) {
      Files.delete(disk);
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError("no file system can be mounted, and CI=true wants one: " + said);
      }
    }
    Assumptions.assumeTrue(mounted, "no file system can be mounted: " + said);
  }

  @AfterEach
  void unmount() throws IOException, InterruptedException {
    if (Files.exists(disk)) {
      Process unmount = new ProcessBuilder("umount", disk.toString()).inheritIO().start();
      assertThat(unmount.waitFor(20, TimeUnit.SECONDS)).isTrue();
      Files.delete(disk);
    }
  }

  @Test
  void diskOfTheDataIsFull() throws Exception {
    try (PrivatePostgres postgres =
        PrivatePostgres.createIn(
            Files.createDirectory(disk.resolve("postgres")), END_WITH_A_CRASH)) {
      Path log = Files.createTempDirectory("howdah-log");
      try {
        postgres.stop();
        postgres.moveLogOfChanges(log.resolve("pg_wal"));
        postgres.start();
        fillWhileLoaded(postgres, "f_data");
      } finally {
        postgres.kill();
        delete(log);
      }
    }
  }

  @Test
  void diskOfTheLogOfChangesIsFull() throws Exception {
    try (PrivatePostgres postgres = PrivatePostgres.create(END_WITH_A_CRASH, KEEP_THE_LOG)) {
      postgres.stop();
      postgres.moveLogOfChanges(disk.resolve("pg_wal"));
      postgres.start();
      fillWhileLoaded(postgres, "f_wal");
    }
  }

  /** Beside the load somebody writes values that need room at once. */
  private void fillWhileLoaded(PrivatePostgres postgres, String name) throws Exception {
    Path filler = disk.resolve("filler");
    int crashes = 0;
    try (Trial trial = new Trial(postgres, postgres.port(), name, Load.Size.LARGE)) {
      trial.howdah.namespaces().create("ballast", Durability.DURABLE);
      KeyValueStore<byte[]> ballast = trial.howdah.kv("ballast", byte[].class);
      for (int strike = 0; strike < 3; strike++) {
        trial.load.awaitProgress(300);
        String started = postgres.sql("SELECT pg_postmaster_start_time()").get(0);
        long began = System.nanoTime();
        fill(filler);
        long refused = writeUntilRefused(ballast, strike, postgres);
        Files.delete(filler);
        if (postgres.isRunning() && !isUp(postgres)) {
          awaitEnd(postgres);
        }
        if (!postgres.isRunning()) {
          postgres.start();
        }
        boolean crashed = !postgres.sql("SELECT pg_postmaster_start_time()").get(0).equals(started);
        if (crashed) {
          trial.crashed(began);
          crashes++;
        }
        LOG.info(
            "{}: {} large writes refused, {}", name, refused, crashed ? "a crash" : "no crash");
      }
      trial.finish();
      assertThat(trial.failures(ErrorCode.UNAVAILABLE, Outcome.NOT_APPLIED)).isPositive();
      LOG.info("{}: {} crashes, {}", name, crashes, trial.history.outcomes());
    }
  }

  private static boolean isUp(PrivatePostgres postgres) {
    try {
      return postgres.sql("SELECT 1").size() == 1;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  private static void awaitEnd(PrivatePostgres postgres) {
    long giveUpAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (postgres.isRunning()) {
      assertThat(System.nanoTime()).isLessThan(giveUpAt);
      LockSupport.parkNanos(5_000_000);
    }
  }

  private static void fill(Path filler) throws IOException {
    byte[] chunk = new byte[MEGABYTE];
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(chunk);
      }
    } catch (IOException e) {
      // It is full; what is left over is less than a chunk, and goes byte by byte.
      try (OutputStream out = Files.newOutputStream(filler, StandardOpenOption.APPEND)) {
        while (true) {
          out.write(chunk, 0, 512);
        }
      } catch (IOException full) {
        assertThat(full).hasMessageContaining("No space left");
      }
    }
  }

  /** How many writes failed; returns when some have, or the server has ended. */
  private static long writeUntilRefused(
      KeyValueStore<byte[]> ballast, int strike, PrivatePostgres postgres) {
    int refused = 0;
    byte[] large = new byte[MEGABYTE];
    new Random(1).nextBytes(large);
    long giveUpAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    for (int i = 0; refused < 5 && postgres.isRunning(); i++) {
      assertThat(System.nanoTime()).as("the disk is not full").isLessThan(giveUpAt);
      try {
        ballast.set("b" + strike + "-" + i, large);
      } catch (CallFailedException e) {
        assertThat(e.code()).isIn(ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT, ErrorCode.LOCKED);
        refused++;
      }
    }
    return refused;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
