package io.volare.registry.dns;

import static java.util.Objects.requireNonNull;

/** What to ask DNS for a service. Immutable; equal by value. */
public sealed interface DnsName {
  /** {@return the addresses of {@code name}, all with the same port} */
  static DnsName hosts(String name, int port) {
    return new Hosts(name, port);
  }

  /** {@return the instances that SRV records list, such as {@code _thrift._tcp.orders.example}} */
  static DnsName srv(String name) {
    return new Srv(name);
  }

  /**
   * Reads {@code host:port} (addresses) or {@code _service._proto.domain} (SRV records).
   *
   * @throws IllegalArgumentException if it is neither
   */
  static DnsName parse(String service) {
    int colon = service.lastIndexOf(':');
    if (service.startsWith("_") && colon < 0) {
      return srv(service);
    }
    if (colon < 1) {
      throw neither(service);
    }
    try {
      return hosts(
          withoutBrackets(service.substring(0, colon)),
          Integer.parseInt(service.substring(colon + 1)));
    } catch (NumberFormatException noPort) {
      throw neither(service);
    }
  }

  private static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  private static IllegalArgumentException neither(String service) {
    return new IllegalArgumentException(
        "service: "
            + service
            + " (expected: host:port, or an SRV name such as _thrift._tcp.orders.example)");
  }

  private static void checkName(String name) {
    requireNonNull(name, "name");
    String relative = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    if (relative.isEmpty() || relative.length() > 253) {
      throw new IllegalArgumentException(
          "name: " + name + " (expected: 1 to 253 characters, has " + relative.length() + ")");
    }
    for (String label : relative.split("\\.", -1)) {
      if (label.isEmpty() || label.length() > 63 || label.chars().anyMatch(c -> c <= ' ')) {
        throw new IllegalArgumentException(
            "name: " + name + " (expected: labels of 1 to 63 characters, not '" + label + "')");
      }
    }
  }

  /**
   * The A and AAAA records of a name.
   *
   * @param name a host's name, or an address as a literal; a dot at its end keeps search domains
   *     away
   * @param port the port of every instance, 1 to 65535
   */
  record Hosts(String name, int port) implements DnsName {
    /** Checks both. */
    public Hosts {
      checkName(name);
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("port: " + port + " (expected: 1..65535)");
      }
    }

    @Override
    public String toString() {
      return name + ":" + port;
    }
  }

  /**
   * The SRV records of a name, and the addresses of their targets.
   *
   * @param name the whole name, its first two labels begin with {@code _}
   */
  record Srv(String name) implements DnsName {
    /** Checks the name. */
    public Srv {
      checkName(name);
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
