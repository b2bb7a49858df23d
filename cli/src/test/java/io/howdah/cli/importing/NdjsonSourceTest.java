package io.howdah.cli.importing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.cli.importing.RecordSource.Position;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class NdjsonSourceTest {
  private static InputStream text(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static final class Broken extends InputStream {
    @Override
    public int read() throws IOException {
      throw new IOException("the disk is gone");
    }
  }

  @Test
  void aReadThatFailsInTheMiddleOfALineDoesNotMoveThePlace() throws IOException {
    String whole = "{\"id\":1}\n";
    NdjsonSource source =
        new NdjsonSource(
            new SequenceInputStream(text(whole + "{\"id\":"), new Broken()), Position.START, "id");
    assertThat(source.next()).isInstanceOf(Item.Accepted.class);
    assertThatThrownBy(source::next).isInstanceOf(IOException.class);
    assertThat(source.position()).isEqualTo(new Position(whole.length(), 1));

    NdjsonSource again = new NdjsonSource(text(whole + "{\"id\":2}"), source.position(), "id");
    assertThat(again.next()).isEqualTo(new Item.Accepted(2, "2", "{\"id\":2}"));
    assertThat(again.next()).isNull();
    assertThat(again.position()).isEqualTo(new Position(2L * whole.length() - 1, 2));
  }
}
