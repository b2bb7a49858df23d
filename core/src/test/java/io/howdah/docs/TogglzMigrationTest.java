package io.howdah.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.flag.FlagSubject;
import io.howdah.flag.Flags;
import io.howdah.testing.HowdahTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The script that moves the features of Togglz, as it stands in the docs. */
class TogglzMigrationTest extends HowdahTest {
  private static final FlagSubject ANN = FlagSubject.user("ann");
  private static final FlagSubject EVE = FlagSubject.user("eve");

  @Test
  void featuresBecomeFlagsThatAreOnForTheSame() throws Exception {
    sql(
        "CREATE TABLE $.togglz (feature_name varchar(100) PRIMARY KEY, feature_enabled integer,"
            + " strategy_id varchar(200), strategy_params varchar(2000))");
    sql(
        """
        INSERT INTO $.togglz VALUES
          ('PLAIN', 1, NULL, NULL), ('OFF', 0, NULL, ''),
          ('OFF_FOR_ANN', 0, 'username', E'users=ann\\r\\n'),
          ('NAMED', 1, 'username', E'users=ann, bob\\r\\n'), ('NOBODY', 1, 'username', NULL),
          ('ROLE', 1, 'user-role', E'roles=admin,ops\\r\\n'),
          ('ALL', 1, 'gradual', E'percentage=100\\r\\n'), ('NONE', 1, 'gradual', E'percentage=0\\r\\n'),
          ('HALF', 1, 'gradual', E'percentage=50\\r\\n'),
          ('RELEASED', 1, 'release-date', E'date=2020-01-31\\r\\ntime=14\\\\:45\\\\:00\\r\\n'),
          ('LATER', 1, 'release-date', E'date=2999-01-31\\r\\n'),
          ('SCRIPTED', 1, 'script', E'lang=js\\r\\nscript=true\\r\\n')
        """);
    String page = Files.readString(Path.of("..", "docs", "migrate", "togglz.md"));
    Matcher block = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL).matcher(page);
    assertThat(block.find()).isTrue();
    assertThat(sql(block.group(1).replace("FROM togglz", "FROM $.togglz").replace("howdah.", "$.")))
        .hasSize(12);

    Flags flags = howdah.flags();
    flags.refresh();
    for (String on : new String[] {"PLAIN", "NAMED", "ALL", "RELEASED"}) {
      assertThat(flags.isEnabled(on, ANN)).as(on).isTrue();
    }
    for (String off :
        new String[] {"OFF", "OFF_FOR_ANN", "NOBODY", "ROLE", "NONE", "LATER", "SCRIPTED"}) {
      assertThat(flags.isEnabled(off, ANN)).as(off).isFalse();
    }
    assertThat(flags.isEnabled("NAMED", FlagSubject.user("bob"))).isTrue();
    assertThat(flags.isEnabled("NAMED", EVE)).isFalse();
    assertThat(flags.isEnabled("ROLE", EVE.inGroup("ops"))).isTrue();
    assertThat(flags.get("HALF").orElseThrow().definition().rolloutPercentage())
        .hasValueSatisfying(half -> assertThat(half).isEqualByComparingTo("50"));
    assertThat(flags.get("RELEASED").orElseThrow().definition().startsAt())
        .contains(java.time.Instant.parse("2020-01-31T13:45:00Z"));
    assertThat(flags.get("SCRIPTED").orElseThrow().definition().metadataJson())
        .contains("\"togglz\"", "\"lang\"");
    assertThat(flags.history("PLAIN").get(0).changedBy()).isEqualTo("migration");
  }
}
