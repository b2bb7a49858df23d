package io.howdah.session;

import io.howdah.InvalidArgumentException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** Addresses as they are given to a web server: IPv4 or IPv6, never the name of a host. */
final class IpAddress {
  private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern V4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");

  /** With a colon, so that it cannot be the name of a host, which Java would look up. */
  private static final Pattern V6 =
      Pattern.compile("(?=[^:]*:)[0-9A-Fa-f:.]{2,45}(%[\\w.-]{1,64})?");

  private IpAddress() {}

  /**
   * The address in a form that Postgres takes; without its zone, which means something here only.
   */
  static String normal(String address) {
    if (V4.matcher(address).matches()) {
      return address;
    }
    if (V6.matcher(address).matches()) {
      try {
        return InetAddress.getByName(address.replaceFirst("%.*", "")).getHostAddress();
      } catch (UnknownHostException e) {
        throw refuse(e);
      }
    }
    throw refuse(null);
  }

  private static InvalidArgumentException refuse(
      @org.jspecify.annotations.Nullable Throwable cause) {
    return new InvalidArgumentException(
        "ip", "ip: an IPv4 or IPv6 address such as 192.0.2.1 or 2001:db8::1 expected", cause);
  }
}
