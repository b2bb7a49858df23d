package io.howdah.spring.ratelimit;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** By what clients are told apart that are known by their addresses. */
final class ClientAddress {
  private static final String PORT = "(?::\\d{1,5})?";
  private static final Pattern IPV4 = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,3}){3})" + PORT);
  private static final Pattern IPV6 =
      Pattern.compile("\\[?([0-9a-fA-F]*:[0-9a-fA-F:.]*)(?:%[^\\]]*)?(?:\\]" + PORT + ")?");

  private ClientAddress() {}

  /**
   * An address of IPv4 as it is; of one of IPv6 the network, since who has one address has all of
   * it; without the port that some proxies tell. What is no address, as a proxy may say it, is
   * taken as it is, and is not looked up.
   */
  static String of(String remote, int ipv6Prefix) {
    Matcher ipv4 = IPV4.matcher(remote);
    if (ipv4.matches()) {
      return ipv4.group(1);
    }
    Matcher ipv6 = IPV6.matcher(remote);
    if (!ipv6.matches()) {
      return remote;
    }
    try {
      // What begins like this and has a colon is an address or nothing: no name server is asked.
      InetAddress address = InetAddress.getByName(ipv6.group(1));
      if (!(address instanceof Inet6Address)) {
        return address.getHostAddress();
      }
      byte[] bytes = address.getAddress();
      for (int bit = ipv6Prefix; bit < 128; bit++) {
        bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
      }
      return InetAddress.getByAddress(bytes).getHostAddress() + "/" + ipv6Prefix;
    } catch (UnknownHostException e) {
      return remote;
    }
  }
}
