package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Addresses in all the forms in which a web server has them. */
class SessionAddressTest extends SessionTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "0.0.0.0, 0.0.0.0",
    "255.255.255.255, 255.255.255.255",
    "::1, ::1",
    "::, ::",
    "0:0:0:0:0:0:0:1, ::1",
    "2001:DB8::0:1, 2001:db8::1",
    "fe80::1%eth0, fe80::1",
    "fe80::1%3, fe80::1",
    "::ffff:192.0.2.1, 192.0.2.1"
  })
  void addressIsStored(String given, String stored) {
    CreatedSession created = sessions.create(SessionRequest.of("ann").withIp(given));
    assertThat(created.session().ip()).contains(stored);
    assertThat(sessions.get(created.token()).orElseThrow().ip()).contains(stored);
  }
}
