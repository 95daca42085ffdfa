package io.volare.registry.etcd;

import io.volare.motore.Deadline;
import io.volare.motore.Time.InterruptScope;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * The JSON form of etcd's v3 API, over the JDK's HTTP client; blocking, and interruption ends what
 * is under way. Thread-safe.
 *
 * <p>A member that does not answer is followed by the next; the one that answered last is asked
 * first.
 */
final class EtcdClient implements AutoCloseable {
  /** No answer may be longer; etcd's own limit for a request is 1.5 MiB, ours for what we read. */
  static final int MOST_BYTES = 16 << 20;

  private static final int NOT_FOUND = 5; // google.rpc.Code

  private final List<URI> members;
  private final EtcdConfig config;
  private final HttpClient http;
  private volatile int answeredLast;

  EtcdClient(EtcdConfig config) {
    this.members = config.members();
    this.config = config;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(config.timeout());
    config.tls().ifPresent(builder::sslContext);
    this.http = builder.build();
  }

  static String base64(String text) {
    return Json.quoted(Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
  }

  static String decoded(String base64) throws EtcdException {
    try {
      return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException noBase64) {
      throw new EtcdException("a key or a value is not base64", noBase64);
    }
  }

  /** {@return the answer to one request; for a method that streams, its first message} */
  Json call(String path, String body) throws EtcdException, InterruptedException {
    try (Messages messages = open(path, body)) {
      return firstOf(messages);
    }
  }

  /** The HTTP client's own limit ends with the head of an answer. */
  private Json firstOf(Messages messages) throws EtcdException, InterruptedException {
    Deadline end = Deadline.after(config.timeout(), config.time());
    try (InterruptScope scope = config.time().interruptAt(end)) {
      try {
        return messages.next();
      } catch (InterruptedException interrupted) {
        if (!scope.isCauseOf(interrupted)) {
          throw interrupted;
        }
        throw new EtcdException(
            messages.where() + ": the answer stopped half-way (limit: " + config.timeout() + ")",
            interrupted);
      }
    }
  }

  /** {@return the answers to one request as they come; to be closed} */
  Messages open(String path, String body) throws EtcdException, InterruptedException {
    EtcdException previous = null;
    int first = answeredLast;
    for (int turn = 1; ; turn++) {
      int member = (first + turn - 1) % members.size();
      try {
        Messages messages = send(members.get(member), path, body);
        answeredLast = member;
        return messages;
      } catch (IOException unreachable) {
        EtcdException failure =
            new EtcdException(
                path + " at " + members.get(member) + ": " + described(unreachable), unreachable);
        if (previous != null) {
          failure.addSuppressed(previous);
        }
        if (turn == members.size()) {
          throw failure;
        }
        previous = failure;
      }
    }
  }

  private static String described(IOException unreachable) {
    String message = unreachable.getMessage();
    return message == null ? unreachable.getClass().getSimpleName() : message;
  }

  private Messages send(URI member, String path, String body)
      throws IOException, EtcdException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(member.resolve("/v3/" + path))
            .timeout(config.timeout()) // for the head of the answer
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
    Messages messages = new Messages(path + " at " + member, response.body());
    int status = response.statusCode();
    if (status >= 500) {
      messages.close();
      throw new IOException("HTTP status " + status);
    }
    if (status != 200) {
      throw refusal(messages, status);
    }
    return messages;
  }

  private static EtcdException refusal(Messages messages, int status) throws InterruptedException {
    try (messages) {
      messages.next();
      return EtcdException.refused(messages.where() + ": HTTP status " + status, false);
    } catch (EtcdException refused) {
      return refused;
    }
  }

  /** Ends the connections. */
  @Override
  public void close() {
    http.shutdownNow();
  }

  /** The messages of one answer, one a line. Belongs to one thread. */
  static final class Messages implements AutoCloseable {
    private final String where;
    private final InputStream body;
    private byte[] line = new byte[256];

    Messages(String where, InputStream body) {
      this.where = where;
      this.body = new BufferedInputStream(body); // read byte by byte below
    }

    String where() {
      return where;
    }

    /**
     * {@return the next message, once it is there}
     *
     * @throws EtcdException if it is an error, or the answer has ended
     */
    Json next() throws EtcdException, InterruptedException {
      String text = nextLine();
      try {
        Json message = Json.parse(text);
        Json error = message.at("error");
        if (error.isPresent()) {
          throw refused(message, error);
        }
        Json result = message.at("result");
        return result.isPresent() ? result : message;
      } catch (MalformedJsonException malformed) {
        throw new EtcdException(where + ": " + malformed.getMessage(), malformed);
      }
    }

    /** Errors come as the whole message, or within a stream as an object. */
    private EtcdException refused(Json message, Json error) {
      Json object = error.fields().isEmpty() ? message : error;
      long code = object.at("code").number() + object.at("grpc_code").number();
      String text = object.at("message").text();
      return EtcdException.refused(
          where + ": " + (text.isEmpty() ? error.text() : text), code == NOT_FOUND);
    }

    private String nextLine() throws EtcdException, InterruptedException {
      try {
        int length = 0;
        for (int b = body.read(); b != '\n'; b = body.read()) {
          if (b < 0) {
            return end(length);
          }
          if (length == line.length) {
            grow();
          }
          line[length++] = (byte) b;
        }
        return new String(line, 0, length, StandardCharsets.UTF_8);
      } catch (IOException broken) {
        if (Thread.interrupted() || broken instanceof InterruptedIOException) {
          throw (InterruptedException) new InterruptedException(where).initCause(broken);
        }
        throw new EtcdException(where + ": " + described(broken), broken);
      }
    }

    private String end(int length) throws EtcdException {
      if (length == 0) {
        throw EtcdException.refused(where + ": the answer has ended", false);
      }
      return new String(line, 0, length, StandardCharsets.UTF_8);
    }

    private void grow() throws EtcdException {
      if (line.length >= MOST_BYTES) {
        throw EtcdException.refused(
            where + ": a message of more than " + MOST_BYTES + " bytes", false);
      }
      line = java.util.Arrays.copyOf(line, line.length * 2);
    }

    /** Ends the answer. */
    @Override
    public void close() {
      try {
        body.close();
      } catch (IOException alreadyBroken) {
        // what was read is what counts
      }
    }
  }
}
