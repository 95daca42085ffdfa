package io.volare.transport.grpc;

import com.google.protobuf.DynamicMessage;
import io.volare.transport.netty.ServerPort;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A server as {@link GrpcChannelz} shows it: its ports, its connections, its calls. Thread-safe.
 */
final class ShownServer {
  private final long id = SocketCounts.nextId();
  private final LongAdder started = new LongAdder();
  private final LongAdder succeeded = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final AtomicLong startedMillis = new AtomicLong();
  private final ConcurrentMap<ServerPort, Long> ports = new ConcurrentHashMap<>();
  private final ConcurrentSkipListMap<Long, ServerConnection> sockets =
      new ConcurrentSkipListMap<>();

  long id() {
    return id;
  }

  void listens(ServerPort port) {
    ports.computeIfAbsent(port, known -> SocketCounts.nextId());
  }

  void add(long socket, ServerConnection connection) {
    sockets.put(socket, connection);
  }

  void remove(long socket) {
    sockets.remove(socket);
  }

  /** {@return whether it listens no more, and has no connection left} */
  boolean isGone() {
    return sockets.isEmpty() && ports.keySet().stream().allMatch(ServerPort::isDraining);
  }

  void callStarted(long millis) {
    started.increment();
    if (startedMillis.getOpaque() != millis) {
      startedMillis.setOpaque(millis);
    }
  }

  void callEnded(boolean well) {
    (well ? succeeded : failed).increment();
  }

  @Nullable ServerConnection socket(long socket) {
    return sockets.get(socket);
  }

  /** {@return the connections from this number on, the smallest first} */
  Map<Long, ServerConnection> socketsFrom(long socket) {
    return sockets.tailMap(socket);
  }

  /** {@return a port that is listened on, as a {@code Socket}; null if it has not this number} */
  @Nullable DynamicMessage listener(long socket) {
    for (Map.Entry<ServerPort, Long> each : listening()) {
      if (each.getValue() == socket) {
        return ChannelzMessages.listener(socket, each.getKey().endpoint());
      }
    }
    return null;
  }

  private List<Map.Entry<ServerPort, Long>> listening() {
    return ports.entrySet().stream().filter(each -> each.getKey().isReady()).toList();
  }

  /** {@return all of it, as a {@code Server}} */
  DynamicMessage describe() {
    List<Map.Entry<ServerPort, Long>> listening = listening();
    String name = listening.isEmpty() ? "" : listening.getFirst().getKey().endpoint().toString();
    ChannelzMessages.Fields data =
        ChannelzMessages.of("ServerData")
            .set("calls_succeeded", succeeded.sum())
            .set("calls_failed", failed.sum())
            .set("calls_started", started.sum()) // after those that ended, so it is no less
            .time("last_call_started_timestamp", startedMillis.getOpaque());
    ChannelzMessages.Fields server =
        ChannelzMessages.of("Server")
            .set("ref", ChannelzMessages.reference("ServerRef", "server_id", id, name))
            .set("data", data.build());
    listening.forEach(each ->
        server.add(
            "listen_socket",
            ChannelzMessages.socket(each.getValue(), each.getKey().endpoint().toString())));
    return server.build();
  }
}
