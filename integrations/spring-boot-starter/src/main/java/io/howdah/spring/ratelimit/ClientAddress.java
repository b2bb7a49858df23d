package io.howdah.spring.ratelimit;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** By what clients are told apart that are known by their addresses. */
final class ClientAddress {
  private ClientAddress() {}

  /**
   * An address of IPv4 as it is; of one of IPv6 the network, since who has one address has all of
   * it. What is no address, as a proxy may say it, is taken as it is, and is not looked up.
   */
  static String of(String remote, int ipv6Prefix) {
    if (remote.indexOf(':') < 0) {
      return remote;
    }
    try {
      // With a colon in it this is an address or nothing: no name server is asked.
      InetAddress address = InetAddress.getByName(remote);
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
