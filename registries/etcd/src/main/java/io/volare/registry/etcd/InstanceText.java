package io.volare.registry.etcd;

import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An instance as Kitex's etcd registry writes it, so that either finds the other: {@code
 * {"network":"tcp","address":"10.0.0.7:9000","weight":10,"tags":{}}}.
 */
final class InstanceText {
  private InstanceText() {}

  static String written(Endpoint endpoint) {
    String tags =
        endpoint.tags().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(tag -> Json.quoted(tag.getKey()) + ":" + Json.quoted(tag.getValue()))
            .collect(Collectors.joining(",", "{", "}"));
    return "{\"network\":\"%s\",\"address\":%s,\"weight\":%d,\"tags\":%s}"
        .formatted(
            network(endpoint.address()),
            Json.quoted(text(endpoint.address())),
            endpoint.weight(),
            tags);
  }

  private static String network(Address address) {
    return address instanceof Address.Unix ? "unix" : "tcp";
  }

  /** {@return how an address is written, in keys too} */
  static String text(Address address) {
    return switch (address) {
      case Address.Tcp tcp -> tcp.toString();
      case Address.Unix(Path path) -> path.toString();
      case Address.InProcess inProcess ->
          throw new IllegalArgumentException(
              "endpoint: " + inProcess + " (expected: a TCP port or a Unix domain socket)");
    };
  }

  /**
   * {@return what {@code text} describes}
   *
   * @throws EtcdException if it describes no instance
   */
  static Endpoint read(String key, String text) throws EtcdException {
    try {
      Json instance = Json.parse(text);
      Map<String, String> tags = new HashMap<>();
      instance.at("tags").fields().forEach((name, value) -> tags.put(name, value.text()));
      long weight = instance.at("weight").number();
      Endpoint endpoint =
          Endpoint.of(address(instance.at("network").text(), instance.at("address").text()))
              .withTags(tags);
      return weight > 0 ? endpoint.withWeight(Math.toIntExact(weight)) : endpoint;
    } catch (MalformedJsonException | IllegalArgumentException | ArithmeticException malformed) {
      throw new EtcdException(
          key + ": no instance, " + malformed.getMessage() + ", in " + text, malformed);
    }
  }

  private static Address address(String network, String text) {
    if (network.equals("unix")) {
      return Address.unix(Path.of(text));
    }
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("address: " + text + " (expected: host:port)");
    }
    String host = text.substring(0, colon);
    boolean literal = host.startsWith("[") && host.endsWith("]");
    return Address.tcp(
        literal ? host.substring(1, host.length() - 1) : host,
        Integer.parseInt(text.substring(colon + 1)));
  }
}
