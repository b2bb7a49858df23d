package io.howdah.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.InvalidArgumentException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DatabaseUrlTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://h:5432/d?user=u&password=s3cret",
        "jdbc:postgresql://h/d?password=s3cret&user=u",
        "jdbc:postgresql://h/d?user=u&PASSWORD=s3cret",
        "jdbc:postgresql://h/d?sslpassword=s3cret&user=u",
        "jdbc:postgresql://h/d?password=%73s3cret'\")&user=u",
        "jdbc:postgresql://h/d?user=u&password=s3 s3cret",
        "jdbc:postgresql://h/d?password=s3 s3cret s3&user=u",
        "jdbc:postgresql://h/d?password=s3\ts3cret;s3,s3cret&user=u"
      })
  void passwordsAreMasked(String url) {
    assertThat(DatabaseUrl.mask(url))
        .doesNotContain("s3cret")
        .contains("****")
        .startsWith("jdbc:postgresql://h");
    assertThat(DatabaseUrl.mask("Oh no: '" + url + "' failed")).doesNotContain("s3cret");
    assertThat(DatabaseUrl.parse(url).toString()).doesNotContain("s3cret");
    assertThat(DatabaseUrl.parse(url).psqlCommand()).doesNotContain("s3cret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgres://u:s3cret@h/d",
        "jdbc:postgresql://u:s3cret@h/d",
        "jdbc:postgresql://u:s3/cret@h/d",
        "jdbc:mysql://h/d?password=s3cret",
        "jdbc:postgresql://h:port/d?password=s3cret",
        "s3cret",
        ""
      })
  void whatIsNoUrlIsRefusedWithoutRepeatingIt(String url) {
    assertThatThrownBy(() -> DatabaseUrl.parse(url))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageStartingWith("database-url: ")
        .hasMessageNotContaining("s3")
        .hasNoCause();
  }

  @Test
  void whatIsBehindAPasswordIsShown() {
    assertThat(
            DatabaseUrl.parse("jdbc:postgresql://h/d?password=s3 s3cret&user=u&ssl=true").masked())
        .isEqualTo("jdbc:postgresql://h/d?password=****&user=u&ssl=true");
    assertThat(DatabaseUrl.mask("jdbc:postgresql://h/d?password=s3 s3cret\n\tat a line below"))
        .isEqualTo("jdbc:postgresql://h/d?password=****\n\tat a line below");
  }

  @Test
  void thePasswordItselfIsMaskedInAnyText() {
    var unused = DatabaseUrl.parse("jdbc:postgresql://h/d?user=u&password=correct%20horse%2B%24");
    assertThat(DatabaseUrl.mask("no match for 'correct horse+$' here"))
        .isEqualTo("no match for '****' here");
    assertThat(DatabaseUrl.mask("correct horse+$x")).isEqualTo("correct horse+$x");
    // Neither a name nor a part of a word: it would make messages unreadable, and hide nothing.
    unused = DatabaseUrl.parse("jdbc:postgresql://h/app?user=postgres&password=postgres");
    assertThat(DatabaseUrl.mask("no role postgres")).isEqualTo("no role postgres");
    unused = DatabaseUrl.parse("jdbc:postgresql://h/app?user=me&password=base");
    assertThat(DatabaseUrl.mask("no database")).isEqualTo("no database");
    assertThat(unused.masked()).isEqualTo("jdbc:postgresql://h/app?user=me&password=****");
  }

  @Test
  void userInfoIsMaskedInAnyText() {
    assertThat(
            DatabaseUrl.mask("'postgres://u:s3 s3cret@h/d', 'jdbc:postgresql://u:s3/s3cret@h/d'"))
        .isEqualTo("'postgres://u:****@h/d', 'jdbc:postgresql://u:****@h/d'");
    assertThat(DatabaseUrl.mask("jdbc:postgresql://h:5432/d?user=me@corp"))
        .isEqualTo("jdbc:postgresql://h:5432/d?user=me@corp");
    assertThat(DatabaseUrl.mask("see postgres://u:s3cret@h/d and http://127.0.0.1:8080 x@y"))
        .isEqualTo("see postgres://u:****@h/d and http://127.0.0.1:8080 x@y");
  }

  @Test
  void psqlGetsTheSameDatabase() {
    assertThat(
            DatabaseUrl.parse("jdbc:postgresql://h1:5433,h2/my%20db?user=it's&sslmode=require")
                .psqlCommand())
        .isEqualTo(
            "psql \"host=h1,h2 port=5433,5432 dbname='my db' user='it\\'s' sslmode=require\"");
  }
}
