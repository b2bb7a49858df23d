package io.howdah.server.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.server.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no permissions of this kind")
final class DataFolderTest {
  private static final String TEXT = "a file of the victim";

  @TempDir private Path shared;
  @TempDir private Path home;

  /** What a server leaves that was killed long ago. */
  private static Path abandoned(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    Path lock = Files.writeString(folder.resolve("howdah.lock"), TEXT);
    Files.setLastModifiedTime(lock, FileTime.from(Instant.now().minusSeconds(3_600)));
    return folder;
  }

  private List<String> announcedByAStart() {
    List<String> announced = new ArrayList<>();
    try (DataFolder started = DataFolder.temporary(shared)) {
      started.removeAbandonedSiblings(announced::add);
    }
    return announced;
  }

  @Test
  void aFolderOfAKilledServerIsRemoved() throws IOException {
    Path folder = abandoned(shared.resolve("howdah-serve-1"));
    Files.createDirectories(shared.resolve("howdah-serve-0")); // has no lock yet: it is being made
    assertThat(announcedByAStart()).hasSize(1).first().asString().contains(folder.toString());
    assertThat(folder).doesNotExist();
    assertThat(shared.resolve("howdah-serve-0")).exists();
  }

  @Test
  void aFolderInUseStays() throws IOException {
    try (DataFolder used = DataFolder.temporary(shared)) {
      assertThat(announcedByAStart()).isEmpty();
      assertThat(used.path()).exists();
    }
  }

  @Test
  void aLinkToAFolderIsNotFollowed() throws IOException {
    Path victim = abandoned(home.resolve("data"));
    Files.createSymbolicLink(shared.resolve("howdah-serve-1"), victim);
    assertThat(announcedByAStart()).isEmpty();
    assertThat(victim.resolve("howdah.lock")).hasContent(TEXT);
  }

  @Test
  void aFolderThatOthersMayEnterIsLeftAlone() throws IOException {
    Path folder = abandoned(shared.resolve("howdah-serve-1"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(announcedByAStart()).isEmpty();
    assertThat(folder.resolve("howdah.lock")).hasContent(TEXT);
  }

  @Test
  void aFolderOfAnotherUserIsLeftAlone() throws IOException {
    Path folder = abandoned(shared.resolve("howdah-serve-1"));
    Assumptions.assumeTrue(
        Integer.valueOf(0).equals(Files.getAttribute(folder, "unix:uid")),
        "only root can give files to others");
    Files.setAttribute(folder, "unix:uid", 65_534);
    assertThat(announcedByAStart()).isEmpty();
    assertThat(folder.resolve("howdah.lock")).hasContent(TEXT);
  }

  @Test
  void aLinkInPlaceOfTheLockIsNotFollowed() throws IOException {
    Path victim = abandoned(home.resolve("data")).resolve("howdah.lock");
    Path folder = abandoned(shared.resolve("howdah-serve-1"));
    Files.delete(folder.resolve("howdah.lock"));
    Files.createSymbolicLink(folder.resolve("howdah.lock"), victim);
    assertThat(announcedByAStart()).isEmpty();
    assertThatThrownBy(() -> DataFolder.open(folder)).isInstanceOf(StartupException.class);
    assertThat(victim).hasContent(TEXT);
  }
}
