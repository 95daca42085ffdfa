package io.volare.rpc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one service in a file, as text: a line that says what it is, one for each
 * instance, and one that says how many they are.
 *
 * <pre>{@code
 * volare-endpoints 1 inventory
 * tcp 10.0.0.7 9000 100 zone=a&version=2
 * unix %2Frun%2Finventory 50
 * end 2
 * }</pre>
 *
 * <p>Texts are encoded as in a URL. It is replaced as a whole, so that a reader, a crash and
 * another process that writes see the old one or the new one. Immutable.
 */
final class EndpointSnapshot {
  private static final String VERSION = "volare-endpoints 1 ";

  /** Enough for every instance with some tags. */
  private static final int BYTES_PER_ENDPOINT = 1_024;

  private final Path file;
  private final String service;
  private final int most;

  EndpointSnapshot(Path folder, String service, int most) {
    this.file = folder.resolve(encoded(service) + ".endpoints");
    this.service = service;
    this.most = most;
  }

  /** Replaces it by {@code set}, unless nothing of that can be used later. */
  void write(EndpointSet set) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Endpoint endpoint : set.endpoints()) {
      String line = line(endpoint);
      if (line != null && lines.size() < most) {
        lines.add(line);
      }
    }
    if (lines.isEmpty()) {
      return;
    }
    lines.addFirst(VERSION + encoded(service));
    lines.add("end " + (lines.size() - 1));
    replace(String.join("\n", lines) + "\n");
  }

  private void replace(String text) throws IOException {
    Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
    Path next = Files.createTempFile(folder, "next", ".tmp");
    try {
      try (FileChannel out = FileChannel.open(next, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(next);
    }
  }

  /**
   * {@return what was written last, or null if nothing ever was}
   *
   * @throws IOException if it cannot be read, or is not what was written
   */
  @Nullable EndpointSet read() throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    long mostBytes = (long) BYTES_PER_ENDPOINT * (most + 2);
    long bytes = Files.size(file);
    if (bytes > mostBytes) {
      throw new IOException(file + ": " + bytes + " B (limit: " + mostBytes + " B)");
    }
    List<String> lines = Files.readAllLines(file, UTF_8);
    int count = lines.size() - 2;
    if (count < 1
        || !lines.getFirst().equals(VERSION + encoded(service))
        || !lines.getLast().equals("end " + count)) {
      throw new IOException(
          "%s: %d lines (expected: %s%s, a line for each instance, and how many they are)"
              .formatted(file, lines.size(), VERSION, encoded(service)));
    }
    List<Endpoint> endpoints = new ArrayList<>();
    for (String line : lines.subList(1, count + 1)) {
      endpoints.add(endpoint(line));
    }
    return set(endpoints);
  }

  private EndpointSet set(List<Endpoint> endpoints) throws IOException {
    try {
      return new EndpointSet(service, endpoints);
    } catch (IllegalArgumentException twice) {
      throw new IOException(file + ": " + twice.getMessage(), twice);
    }
  }

  private static @Nullable String line(Endpoint endpoint) {
    StringJoiner tags = new StringJoiner("&");
    endpoint.tags().forEach((key, value) -> tags.add(encoded(key) + "=" + encoded(value)));
    String rest = endpoint.weight() + (endpoint.tags().isEmpty() ? "" : " " + tags);
    String line =
        switch (endpoint.address()) {
          case Address.Tcp(String host, int port) ->
              "tcp " + encoded(host) + " " + port + " " + rest;
          case Address.Unix(Path path) -> "unix " + encoded(path.toString()) + " " + rest;
          case Address.InProcess another -> null;
        };
    return line == null || line.length() >= BYTES_PER_ENDPOINT ? null : line;
  }

  private Endpoint endpoint(String line) throws IOException {
    String[] words = line.split(" ", -1);
    try {
      int weightAt = words[0].equals("tcp") ? 3 : 2;
      Address address =
          switch (words[0]) {
            case "tcp" -> Address.tcp(decoded(words[1]), Integer.parseInt(words[2]));
            case "unix" -> Address.unix(Path.of(decoded(words[1])));
            default -> throw new IllegalArgumentException(words[0] + " (expected: tcp or unix)");
          };
      int weight = Integer.parseInt(words[weightAt]);
      String tags = words.length > weightAt + 1 ? words[weightAt + 1] : "";
      return new Endpoint(address, weight, tags(tags));
    } catch (IllegalArgumentException | IndexOutOfBoundsException wrong) {
      throw new IOException(file + ": no instance: " + line, wrong);
    }
  }

  private static Map<String, String> tags(String text) {
    Map<String, String> tags = new HashMap<>();
    for (String tag : text.isEmpty() ? new String[0] : text.split("&", -1)) {
      int equals = tag.indexOf('=');
      tags.put(decoded(tag.substring(0, equals)), decoded(tag.substring(equals + 1)));
    }
    return tags;
  }

  /** As in a URL; a star, which some file systems do not take, too. */
  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8).replace("*", "%2A");
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, UTF_8);
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
