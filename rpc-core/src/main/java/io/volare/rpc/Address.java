package io.volare.rpc;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/** Where a server can be reached. Immutable; equal by value. */
public sealed interface Address {
  /** {@return the address of a TCP port; {@code host} is a name or a literal} */
  static Address tcp(String host, int port) {
    return new Tcp(host, port);
  }

  /** {@return the address of a Unix domain socket} */
  static Address unix(Path path) {
    return new Unix(path);
  }

  /** {@return the address of a server in this process} */
  static Address inProcess(String name) {
    return new InProcess(name);
  }

  /**
   * A TCP port.
   *
   * @param host a name, an IPv4 or an IPv6 literal without brackets
   * @param port 0 to 65535; 0 lets a server choose
   */
  record Tcp(String host, int port) implements Address {
    /** Checks the port. */
    public Tcp {
      requireNonNull(host, "host");
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
      }
    }

    @Override
    public String toString() {
      return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
  }

  /**
   * A Unix domain socket.
   *
   * @param path the socket's file
   */
  record Unix(Path path) implements Address {
    /** Checks that the path is there. */
    public Unix {
      requireNonNull(path, "path");
    }

    @Override
    public String toString() {
      return "unix:" + path;
    }
  }

  /**
   * A server in this process.
   *
   * @param name the name it was started under
   */
  record InProcess(String name) implements Address {
    /** Checks that the name is there. */
    public InProcess {
      requireNonNull(name, "name");
    }

    @Override
    public String toString() {
      return "in-process:" + name;
    }
  }
}
