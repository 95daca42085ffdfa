package io.volare.transport.grpc;

import com.google.protobuf.DynamicMessage;
import io.netty.channel.Channel;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.motore.Service;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.MethodDescriptor.Kind;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.netty.ServerPort;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What servers are doing, for tools that ask by gRPC's own service {@code
 * grpc.channelz.v1.Channelz}: their calls, their connections, and what came and went on each.
 * Thread-safe.
 *
 * <p>It shows the addresses and certificates of whoever is connected, so it belongs on a port that
 * is not public: the public server is built with {@code shownBy(channelz)}, a server on a private
 * address with {@code channelz(channelz)}, which offers the service and shows that server as well.
 *
 * <p>A server is shown from its start until it has ended, a connection while it is open. Their
 * numbers are unique in the process. A page has 100 entries at most. Clients are not shown: no
 * channel is known. A server that nobody shows counts nothing.
 *
 * <p>Source: gRPC's <a href="https://github.com/grpc/proposal/blob/master/A14-channelz.md">proposal
 * A14</a>.
 */
public final class GrpcChannelz {
  static final String SERVICE = ChannelzMessages.PACKAGE + ".Channelz";

  private static final int MOST_RESULTS = 100;

  /** A loop that takes longer has other troubles. */
  private static final long LOOP_SECONDS = 5;

  private final ConcurrentNavigableMap<Long, ShownServer> servers = new ConcurrentSkipListMap<>();

  private GrpcChannelz() {}

  /** {@return one that shows no server yet} */
  public static GrpcChannelz create() {
    return new GrpcChannelz();
  }

  /** From any thread: {@code server} listens on {@code port}. */
  void listens(ShownServer server, ServerPort port) {
    server.listens(port);
    if (servers.putIfAbsent(server.id(), server) == null) {
      forgetThoseGone();
    }
  }

  private void forgetThoseGone() {
    servers.values().removeIf(ShownServer::isGone);
  }

  // ---- the service

  @SuppressWarnings("NullAway") // it misses that the record's handler may return null
  ServiceBinding binding() {
    Map<String, MethodDescriptor> methods = new LinkedHashMap<>();
    for (String name : ChannelzMessages.METHODS) {
      methods.put(
          name,
          new ProtobufMethod<>(
              SERVICE,
              name,
              Kind.UNARY,
              true,
              ChannelzMessages.parser(name + "Request"),
              ChannelzMessages.parser(name + "Response")));
    }
    Service<RpcContext, Object, @Nullable Object> handler =
        (context, request) -> answer(context.method().name(), (DynamicMessage) request);
    return new ServiceBinding(SERVICE, methods, handler);
  }

  private DynamicMessage answer(String method, DynamicMessage request) throws InterruptedException {
    forgetThoseGone();
    return switch (method) {
      case "GetServers" -> servers(request);
      case "GetServer" -> server(request);
      case "GetServerSockets" -> serverSockets(request);
      case "GetSocket" -> socket(request);
      case "GetTopChannels" -> noChannels(request);
      case "GetChannel" -> throw unknown("channel", number(request, "channel_id"));
      case "GetSubchannel" -> throw unknown("subchannel", number(request, "subchannel_id"));
      default -> throw new IllegalArgumentException("method: " + method);
    };
  }

  private DynamicMessage servers(DynamicMessage request) {
    int most = most(request);
    ChannelzMessages.Fields page = ChannelzMessages.of("GetServersResponse");
    int added = 0;
    for (ShownServer each : servers.tailMap(number(request, "start_server_id")).values()) {
      if (added++ == most) {
        return page.build();
      }
      page.add("server", each.describe());
    }
    return page.set("end", true).build();
  }

  private DynamicMessage server(DynamicMessage request) {
    return ChannelzMessages.of("GetServerResponse")
        .set("server", known(request).describe())
        .build();
  }

  private DynamicMessage serverSockets(DynamicMessage request) {
    int most = most(request);
    ChannelzMessages.Fields page = ChannelzMessages.of("GetServerSocketsResponse");
    int added = 0;
    for (Map.Entry<Long, ServerConnection> each :
        known(request).socketsFrom(number(request, "start_socket_id")).entrySet()) {
      if (added++ == most) {
        return page.build();
      }
      page.add(
          "socket_ref", ChannelzMessages.socket(each.getKey(), each.getValue().peer().toString()));
    }
    return page.set("end", true).build();
  }

  private ShownServer known(DynamicMessage request) {
    long id = number(request, "server_id");
    ShownServer server = servers.get(id);
    if (server == null) {
      throw unknown("server", id);
    }
    return server;
  }

  private DynamicMessage socket(DynamicMessage request) throws InterruptedException {
    long id = number(request, "socket_id");
    boolean summary = ChannelzMessages.flag(request, "summary");
    for (ShownServer server : servers.values()) {
      ServerConnection connection = server.socket(id);
      DynamicMessage found =
          connection == null ? server.listener(id) : described(connection, id, summary);
      if (found != null) {
        return ChannelzMessages.of("GetSocketResponse").set("socket", found).build();
      }
    }
    throw unknown("socket", id);
  }

  /** What is counted of a connection is its loop's, so the loop is asked. */
  private static DynamicMessage described(ServerConnection connection, long id, boolean summary)
      throws InterruptedException {
    Channel channel = connection.channel();
    FutureTask<DynamicMessage> asked =
        new FutureTask<>(() -> ShownSocket.describe(connection, summary));
    try {
      channel.eventLoop().execute(asked);
      return asked.get(LOOP_SECONDS, TimeUnit.SECONDS);
    } catch (RejectedExecutionException loopsAreClosed) {
      throw unknown("socket", id);
    } catch (TimeoutException busy) {
      throw GrpcStatusException.of(
          GrpcCode.UNAVAILABLE,
          "socket %d: its event loop did not answer (limit: %d s)".formatted(id, LOOP_SECONDS));
    } catch (ExecutionException defect) {
      throw new IllegalStateException("socket " + id + " cannot be described", defect);
    }
  }

  private static DynamicMessage noChannels(DynamicMessage request) {
    most(request);
    return ChannelzMessages.of("GetTopChannelsResponse").set("end", true).build();
  }

  private static long number(DynamicMessage request, String field) {
    return ChannelzMessages.number(request, field);
  }

  private static int most(DynamicMessage request) {
    long asked = number(request, "max_results");
    if (asked < 0) {
      throw GrpcStatusException.of(
          GrpcCode.INVALID_ARGUMENT, "max_results: " + asked + " (expected: >= 0)");
    }
    return asked == 0 ? MOST_RESULTS : (int) Math.min(asked, MOST_RESULTS);
  }

  private static GrpcStatusException unknown(String what, long id) {
    return GrpcStatusException.of(GrpcCode.NOT_FOUND, what + " " + id + " is not known");
  }
}
