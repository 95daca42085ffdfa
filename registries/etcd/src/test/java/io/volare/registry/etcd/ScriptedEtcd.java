package io.volare.registry.etcd;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Answers in etcd's place what a test tells it, where a real one cannot be brought to. */
final class ScriptedEtcd implements AutoCloseable {
  private final Map<String, Queue<Reply>> script = new ConcurrentHashMap<>();
  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  ScriptedEtcd() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(threads);
    server.createContext("/v3/", this::answer);
    server.start();
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Answers {@code path} with these lines, in their turn; the last reply stays. */
  ScriptedEtcd says(String path, int status, String... lines) {
    return says(path, new Reply(status, String.join("\n", lines) + "\n", false));
  }

  /** Sends these lines, and then leaves the answer open. */
  ScriptedEtcd saysAndGoesOn(String path, String... lines) {
    return says(path, new Reply(200, String.join("\n", lines) + "\n", true));
  }

  /** Sends this, and then nothing more. */
  ScriptedEtcd saysHalf(String path, String text) {
    return says(path, new Reply(200, text, true));
  }

  private ScriptedEtcd says(String path, Reply reply) {
    Queue<Reply> replies = script.computeIfAbsent(path, none -> new ArrayDeque<>());
    synchronized (replies) {
      replies.add(reply);
    }
    return this;
  }

  /** {@return the path of the next request} */
  String nextRequest() throws InterruptedException {
    String path = asked.poll(10, TimeUnit.SECONDS);
    if (path == null) {
      throw new AssertionError("no request within 10 s");
    }
    return path;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring("/v3/".length());
    exchange.getRequestBody().readAllBytes();
    asked.add(path);
    Reply reply = next(path);
    exchange.sendResponseHeaders(reply.status(), 0);
    exchange.getResponseBody().write(reply.body().getBytes(StandardCharsets.UTF_8));
    exchange.getResponseBody().flush();
    if (!reply.open()) {
      exchange.close();
    }
  }

  private Reply next(String path) {
    Queue<Reply> replies = script.getOrDefault(path, new ArrayDeque<>());
    synchronized (replies) {
      Reply reply = replies.size() > 1 ? replies.remove() : replies.peek();
      return reply == null ? new Reply(404, "{\"error\":\"no script\",\"code\":12}", false) : reply;
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private record Reply(int status, String body, boolean open) {}
}
