package io.howdah.bench.session;

import static io.howdah.bench.measure.Profile.Family.HOWDAH;

import io.howdah.Howdah;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.PostgresServer;
import io.howdah.spring.json.AllowedTypes;
import io.howdah.spring.json.TypedJson;
import io.howdah.spring.session.AttributeCodec;
import io.howdah.spring.session.HowdahSessionProperties;
import io.howdah.spring.session.HowdahSessionProperties.Fallback;
import io.howdah.spring.session.HowdahSessionRepository;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.springframework.session.FlushMode;
import org.springframework.session.SaveMode;

/** Spring Session on Howdah, set up as the starter does it. */
public final class SpringHowdahTarget extends SpringTarget {

  private final PostgresServer server;
  private final HowdahStyle style;

  public SpringHowdahTarget(PostgresServer server, HowdahStyle style) {
    this.server = server;
    this.style = style;
  }

  @Override
  public Profile profile() {
    return new Profile(
        "spring-" + style.id(),
        "Spring Session " + style.label(),
        "HowdahSessionRepository with the starter's defaults; "
            + style.writing()
            + "; attributes as JSON",
        HOWDAH,
        style.durability());
  }

  @Override
  public void prepare() {
    style.prepare(server);
  }

  @Override
  Connected connect(int threads) {
    Howdah howdah = style.connect(server);
    AllowedTypes types = AllowedTypes.of(List.of());
    ClassLoader loader = SpringHowdahTarget.class.getClassLoader();
    HowdahSessionProperties properties =
        new HowdahSessionProperties(
            true,
            Duration.ofDays(30),
            FlushMode.ON_SAVE,
            SaveMode.ON_SET_ATTRIBUTE,
            List.of(),
            Fallback.NONE,
            new HowdahSessionProperties.Events(false, Duration.ofHours(1)));
    return new Connected(
        new HowdahSessionRepository(
            howdah.outside().sessions(),
            new AttributeCodec(
                new TypedJson(types, loader, List.of()), types, Fallback.NONE, loader),
            properties,
            Duration.ofHours(24),
            null),
        howdah);
  }

  @Override
  public void settle() throws SQLException {
    style.settle(server);
  }
}
