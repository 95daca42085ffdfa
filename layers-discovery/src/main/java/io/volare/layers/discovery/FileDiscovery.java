package io.volare.layers.discovery;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Time;
import io.volare.rpc.Discovery;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Instances from a file that is read again and again: one line each, {@code service host:port
 * [weight]}, with {@code #} for comments. Thread-safe.
 *
 * <p>A file that cannot be read, or has a line that is not one of these, changes nothing: the last
 * good content stays in force, and what is wrong is logged once.
 */
public final class FileDiscovery implements Discovery {
  private static final System.Logger LOG = System.getLogger(FileDiscovery.class.getName());

  private final Path file;
  private final Duration interval;
  private final Time time;

  private FileDiscovery(Path file, Duration interval, Time time) {
    this.file = requireNonNull(file, "file");
    if (!interval.isPositive()) {
      throw new IllegalArgumentException("interval: " + interval + " (expected: > 0)");
    }
    this.interval = interval;
    this.time = requireNonNull(time, "time");
  }

  /** {@return the instances in {@code file}, looked at once a second} */
  public static FileDiscovery of(Path file) {
    return of(file, Duration.ofSeconds(1), Time.SYSTEM);
  }

  /** {@return the instances in {@code file}, looked at once in every interval} */
  public static FileDiscovery of(Path file, Duration interval, Time time) {
    return new FileDiscovery(file, interval, time);
  }

  @Override
  public Watch watch(String service, Consumer<? super EndpointSet> listener) {
    Watcher watcher = new Watcher(service, listener);
    watcher.look();
    Thread thread = Thread.ofVirtual().name("volare-file-discovery").start(watcher::run);
    return () -> {
      watcher.close();
      thread.interrupt();
    };
  }

  /**
   * Looks at the file for one listener, which is told under this object's monitor: closing waits
   * for that.
   */
  private final class Watcher {
    private final String service;
    private final Consumer<? super EndpointSet> listener;
    private @Nullable EndpointSet known;
    private @Nullable String complaint;
    private boolean closed;

    Watcher(String service, Consumer<? super EndpointSet> listener) {
      this.service = service;
      this.listener = listener;
    }

    void run() {
      try {
        while (true) {
          time.sleep(interval);
          look();
        }
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
    }

    synchronized void close() {
      closed = true;
    }

    synchronized void look() {
      if (closed) {
        return;
      }
      try {
        EndpointSet found = read();
        complaint = null;
        if (!found.equals(known)) {
          known = found;
          listener.accept(found);
        }
      } catch (IOException | IllegalArgumentException wrong) {
        String message = file + ": " + reason(wrong) + "; " + consequence();
        if (!message.equals(complaint)) {
          complaint = message;
          LOG.log(System.Logger.Level.WARNING, message);
        }
      }
    }

    private static String reason(Exception wrong) {
      return wrong instanceof NoSuchFileException
          ? "there is no such file"
          : String.valueOf(wrong.getMessage());
    }

    private String consequence() {
      return known == null
          ? "no instance of " + service + " is known until it is right"
          : "the last good content stays";
    }

    private EndpointSet read() throws IOException {
      Map<String, Endpoint> endpoints = new LinkedHashMap<>();
      List<String> lines = Files.readAllLines(file);
      for (int number = 1; number <= lines.size(); number++) {
        String line = lines.get(number - 1).replaceAll("#.*", "").strip();
        String[] parts = line.split("\\s+");
        if (!line.isEmpty() && parts[0].equals(service)) {
          Endpoint endpoint = parse(number, line, parts);
          endpoints.put(endpoint.address().toString(), endpoint);
        }
      }
      return new EndpointSet(service, new ArrayList<>(endpoints.values()));
    }

    private Endpoint parse(int number, String line, String[] parts) {
      int colon = parts.length < 2 ? -1 : parts[1].lastIndexOf(':');
      if (colon < 1 || parts.length > 3) {
        throw malformed(number, line);
      }
      try {
        Endpoint endpoint =
            Endpoint.tcp(
                parts[1].substring(0, colon), Integer.parseInt(parts[1].substring(colon + 1)));
        return parts.length == 3 ? endpoint.withWeight(Integer.parseInt(parts[2])) : endpoint;
      } catch (NumberFormatException noNumber) {
        throw malformed(number, line);
      }
    }

    private IllegalArgumentException malformed(int number, String line) {
      return new IllegalArgumentException(
          "line " + number + ": " + line + " (expected: service host:port [weight])");
    }
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
