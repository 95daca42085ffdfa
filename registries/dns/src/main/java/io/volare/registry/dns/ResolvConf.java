package io.volare.registry.dns;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The name servers that resolv.conf lists. None is made up when it lists none.
 *
 * @param file where it is
 */
record ResolvConf(Path file) {
  static final ResolvConf SYSTEM = new ResolvConf(Path.of("/etc/resolv.conf"));

  private static final int DNS_PORT = 53;

  List<InetSocketAddress> nameServers() {
    List<InetSocketAddress> found = new ArrayList<>();
    for (String line : lines()) {
      String[] words = line.strip().split("\\s+");
      if (words.length >= 2 && words[0].equals("nameserver")) {
        found.add(nameServer(words[1]));
      }
    }
    if (found.isEmpty()) {
      throw new IllegalStateException(
          file + " names no name server; name them with DnsConfig.of(address…)");
    }
    return found;
  }

  private List<String> lines() {
    try {
      return Files.readAllLines(file);
    } catch (IOException unreadable) {
      throw new IllegalStateException(
          file + " cannot be read; name the name servers with DnsConfig.of(address…)", unreadable);
    }
  }

  private InetSocketAddress nameServer(String literal) {
    if (!NetUtil.isValidIpV4Address(literal) && !NetUtil.isValidIpV6Address(literal)) {
      throw new IllegalStateException(file + ": nameserver " + literal + " (expected: an address)");
    }
    try {
      return new InetSocketAddress(InetAddress.getByName(literal), DNS_PORT); // looks nothing up
    } catch (UnknownHostException noSuchZone) {
      throw new IllegalStateException(file + ": nameserver " + literal, noSuchZone);
    }
  }
}
