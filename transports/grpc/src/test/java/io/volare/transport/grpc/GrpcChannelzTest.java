package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.rpc.Address;
import io.volare.rpc.Duplex;
import io.volare.rpc.RpcClient;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.netty.TlsClientConfig;
import io.volare.transport.netty.TlsIdentity;
import io.volare.transport.netty.TlsServerConfig;
import io.volare.transport.netty.TlsTrust;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a private server tells of a public one, through the client, over sockets. */
@Timeout(60)
class GrpcChannelzTest {
  private static final GrpcClientConfig PATIENT =
      GrpcClientConfig.DEFAULT.withConnectTimeout(Duration.ofSeconds(10));

  private final GrpcChannelz channelz = GrpcChannelz.create();
  private final ServiceBinding questions = channelz.binding();
  private final List<GrpcServer> servers = new ArrayList<>();
  private final List<GrpcClient> clients = new ArrayList<>();
  private GrpcServer shown;
  private RpcClient admin;

  @BeforeEach
  void start() {
    shown = started(echo(Address.tcp("127.0.0.1", 0)));
    GrpcServer asked = started(GrpcServer.builder(Address.tcp("127.0.0.1", 0)).channelz(channelz));
    admin = client(asked);
  }

  @AfterEach
  void stop() {
    clients.forEach(GrpcClient::stop);
    servers.forEach(GrpcServer::stop);
  }

  private GrpcServer.Builder echo(Address address) {
    return GrpcServer.builder(address)
        .service(EchoService.binding(GrpcChannelzTest::answer))
        .shownBy(channelz);
  }

  private static Object answer(io.volare.rpc.RpcContext context, Object request)
      throws InterruptedException {
    if (request instanceof StringValue text && text.getValue().equals("fail")) {
      throw GrpcStatusException.of(GrpcCode.ABORTED, "as asked");
    }
    return EchoService.answer(context, request);
  }

  private GrpcServer started(GrpcServer.Builder builder) {
    GrpcServer server = builder.build();
    servers.add(server);
    server.start();
    return server;
  }

  private RpcClient client(GrpcServer server) {
    return client(GrpcClient.to(server.endpoint(), PATIENT));
  }

  private RpcClient client(GrpcClient transport) {
    clients.add(transport);
    return RpcClient.builder("callee").transport(transport);
  }

  // ---- asking

  private DynamicMessage ask(String method, Object... fields) throws Exception {
    DynamicMessages.Builder request = DynamicMessages.Builder.of(type(method + "Request"));
    for (int i = 0; i < fields.length; i += 2) {
      request.set((String) fields[i], fields[i + 1]);
    }
    return (DynamicMessage)
        admin.call((ProtobufMethod<?, ?>) questions.methods().get(method), request.build());
  }

  private static com.google.protobuf.Descriptors.Descriptor type(String name) {
    return ChannelzMessages.of(name).build().getDescriptorForType();
  }

  private GrpcCode refusal(String method, Object... fields) {
    return ((GrpcStatusException) catchThrowable(() -> ask(method, fields))).code();
  }

  private static Object get(Message message, String path) {
    Object value = message;
    for (String name : path.split("\\.")) {
      FieldDescriptor field = ((Message) value).getDescriptorForType().findFieldByName(name);
      value = ((Message) value).getField(field);
    }
    return value;
  }

  @SuppressWarnings("unchecked") // callers name repeated messages
  private static List<DynamicMessage> all(Message message, String field) {
    return (List<DynamicMessage>) get(message, field);
  }

  /** {@return the server that was shown first} */
  private DynamicMessage server() throws Exception {
    return all(ask("GetServers"), "server").getFirst();
  }

  private List<DynamicMessage> sockets() throws Exception {
    return all(ask("GetServerSockets", "server_id", get(server(), "ref.server_id")), "socket_ref");
  }

  private DynamicMessage socket(Object id) throws Exception {
    return (DynamicMessage) get(ask("GetSocket", "socket_id", id), "socket");
  }

  private DynamicMessage onlySocket() throws Exception {
    return socket(get(sockets().getFirst(), "socket_id"));
  }

  /** A caller has its answer before the server's loop has closed the stream. */
  private static void await(BooleanSupplier state) throws InterruptedException {
    while (!state.getAsBoolean()) {
      Thread.sleep(5); // the class's limit ends it
    }
  }

  private static BooleanSupplier is(java.util.concurrent.Callable<Boolean> state) {
    return () -> {
      try {
        return state.call();
      } catch (Exception wrong) {
        throw new IllegalStateException(wrong);
      }
    };
  }

  @SuppressWarnings("unchecked") // Down's answer is a stream of strings
  private static void count(RpcClient client, int most) throws Exception {
    try (Duplex<StringValue, StringValue> stream =
        (Duplex<StringValue, StringValue>)
            client.call(EchoService.DOWN, StringValue.of(Integer.toString(most)))) {
      while (stream.source().receive() != null) {
        // all of them
      }
    }
  }

  // ---- what is told

  @Test
  void aServerTellsItsCallsByTheirEnd() throws Exception {
    long before = System.currentTimeMillis();
    RpcClient client = client(shown);
    client.call(EchoService.UNARY, StringValue.of("a"));
    client.call(EchoService.UNARY, StringValue.of("b"));
    count(client, 3);
    catchThrowable(() -> client.call(EchoService.UNARY, StringValue.of("fail")));
    catchThrowable(() -> client.call(GrpcClientTest.ECHO, StringValue.of("not offered")));

    await(
        is(() ->
            get(server(), "data.calls_failed").equals(2L)
                && get(server(), "data.calls_succeeded").equals(3L)));
    assertThat(get(server(), "data.calls_started")).isEqualTo(5L);
    assertThat((long) get(server(), "data.last_call_started_timestamp.seconds"))
        .isBetween(before / 1_000, System.currentTimeMillis() / 1_000);
  }

  @Test
  void aServerTellsWhereItListens() throws Exception {
    DynamicMessage listener = all(server(), "listen_socket").getFirst();
    DynamicMessage socket = socket(get(listener, "socket_id"));

    assertThat(get(server(), "ref.name")).isEqualTo(shown.endpoint().toString());
    assertThat(get(listener, "name")).isEqualTo(shown.endpoint().toString());
    assertThat(get(socket, "local.tcpip_address.port"))
        .isEqualTo(((Address.Tcp) shown.endpoint().address()).port());
    assertThat(socket.hasField(socket.getDescriptorForType().findFieldByName("remote"))).isFalse();
  }

  @Test
  void aSocketTellsItsStreamsMessagesAndWindows() throws Exception {
    RpcClient client = client(shown);
    client.call(EchoService.UNARY, StringValue.of("a"));
    count(client, 3);
    catchThrowable(() -> client.call(EchoService.UNARY, StringValue.of("fail")));
    await(is(() -> get(onlySocket(), "data.streams_succeeded").equals(3L)));
    DynamicMessage socket = onlySocket();

    assertThat(get(socket, "data.streams_started")).isEqualTo(3L);
    assertThat(get(socket, "data.streams_failed")).isEqualTo(0L);
    assertThat(get(socket, "data.messages_received")).isEqualTo(3L);
    assertThat(get(socket, "data.messages_sent")).isEqualTo(4L);
    assertThat((long) get(socket, "data.last_remote_stream_created_timestamp.seconds"))
        .isPositive();
    assertThat((long) get(socket, "data.last_message_sent_timestamp.seconds")).isPositive();
    assertThat((long) get(socket, "data.last_message_received_timestamp.seconds")).isPositive();
    assertThat((long) get(socket, "data.local_flow_control_window.value")).isPositive();
    assertThat((long) get(socket, "data.remote_flow_control_window.value"))
        .isGreaterThan(4 * 1024 * 1024);
  }

  @Test
  void aStreamThatIsResetHasFailed() throws Exception {
    RpcClient client = client(shown);
    Duplex<?, ?> stream = (Duplex<?, ?>) client.call(EchoService.BOTH, Duplex.NO_REQUEST);
    await(is(() -> !sockets().isEmpty() && get(onlySocket(), "data.streams_started").equals(1L)));

    stream.close();

    await(is(() -> get(onlySocket(), "data.streams_failed").equals(1L)));
    assertThat(get(server(), "data.calls_failed")).isEqualTo(1L);
  }

  @Test
  void aSocketTellsBothItsEnds() throws Exception {
    try (RawPeer peer = RawPeer.connect(shown.endpoint())) {
      peer.stillServes(1);
      DynamicMessage socket = onlySocket();

      assertThat(get(socket, "local.tcpip_address.port"))
          .isEqualTo(((Address.Tcp) shown.endpoint().address()).port());
      assertThat(get(socket, "remote.tcpip_address.ip_address"))
          .isEqualTo(
              com.google.protobuf.ByteString.copyFrom(
                  InetAddress.getByName("127.0.0.1").getAddress()));
      assertThat(get(socket, "ref.name"))
          .isEqualTo("127.0.0.1:" + get(socket, "remote.tcpip_address.port"));
    }
  }

  @Test
  void aUnixSocketTellsItsPath(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("s");
    GrpcServer unix = started(echo(Address.unix(file)));
    client(unix).call(EchoService.UNARY, StringValue.of("a"));
    DynamicMessage server = all(ask("GetServers"), "server").getLast();
    Object id = get(server, "ref.server_id");
    DynamicMessage ref = all(ask("GetServerSockets", "server_id", id), "socket_ref").getFirst();
    Object listener = get(all(server, "listen_socket").getFirst(), "socket_id");

    assertThat(get(socket(listener), "local.uds_address.filename")).isEqualTo(file.toString());
    assertThat(get(socket(get(ref, "socket_id")), "data.streams_started")).isEqualTo(1L);
  }

  @Test
  void aSocketOfTlsTellsCertificatesAndSubject() throws Exception {
    X509Bundle authority =
        certificates("authority").setIsCertificateAuthority(true).buildSelfSigned();
    X509Bundle own = certificates("server").addSanIpAddress("127.0.0.1").buildIssuedBy(authority);
    X509Bundle caller = certificates("caller").buildIssuedBy(authority);
    TlsTrust trust = TlsTrust.of(List.of(authority.getCertificate()));
    GrpcServer secure =
        started(
            echo(Address.tcp("127.0.0.1", 0))
                .tls(TlsServerConfig.of(identity(own)).withClients(trust)));
    client(
            GrpcClient.to(secure.endpoint(), PATIENT)
                .with(TlsClientConfig.of(trust).withIdentity(identity(caller))))
        .call(EchoService.UNARY, StringValue.of("a"));
    Object id = get(all(ask("GetServers"), "server").getLast(), "ref.server_id");
    Object socketId =
        get(all(ask("GetServerSockets", "server_id", id), "socket_ref").getFirst(), "socket_id");
    DynamicMessage summary =
        (DynamicMessage) get(ask("GetSocket", "socket_id", socketId, "summary", true), "socket");

    assertThat(get(socket(socketId), "security.tls.remote_certificate")).isEqualTo(der(caller));
    assertThat(get(socket(socketId), "security.tls.local_certificate")).isEqualTo(der(own));
    assertThat((String) get(socket(socketId), "security.tls.standard_name")).startsWith("TLS_");
    assertThat(get(socket(socketId), "remote_name")).isEqualTo("CN=caller");
    assertThat(get(summary, "security.tls.remote_certificate"))
        .isEqualTo(com.google.protobuf.ByteString.EMPTY);
  }

  private static CertificateBuilder certificates(String name) {
    return new CertificateBuilder().ecp256().subject("CN=" + name);
  }

  private static TlsIdentity identity(X509Bundle bundle) {
    return TlsIdentity.of(bundle.getKeyPair().getPrivate(), bundle.getCertificatePathList());
  }

  private static com.google.protobuf.ByteString der(X509Bundle bundle) throws Exception {
    return com.google.protobuf.ByteString.copyFrom(bundle.getCertificate().getEncoded());
  }

  @Test
  void whatHasEndedDisappears() throws Exception {
    Object serverId = get(server(), "ref.server_id");
    Object socketId;
    try (RawPeer peer = RawPeer.connect(shown.endpoint())) {
      peer.stillServes(1);
      socketId = get(sockets().getFirst(), "socket_id");
    }
    await(is(() -> sockets().isEmpty()));

    assertThat(refusal("GetSocket", "socket_id", socketId)).isEqualTo(GrpcCode.NOT_FOUND);
    shown.stop();
    assertThat(refusal("GetServer", "server_id", serverId)).isEqualTo(GrpcCode.NOT_FOUND);
    assertThat(all(ask("GetServers"), "server")).hasSize(1);
  }

  @Test
  void pagesBeginWhereTheyAreAskedToAndSayWhetherTheyAreTheLast() throws Exception {
    List<RawPeer> peers = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        RawPeer peer = RawPeer.connect(shown.endpoint());
        peers.add(peer);
        peer.stillServes(1);
      }
      Object id = get(server(), "ref.server_id");
      DynamicMessage first = ask("GetServerSockets", "server_id", id, "max_results", 2L);
      long last = (long) get(all(first, "socket_ref").getLast(), "socket_id");
      DynamicMessage second =
          ask("GetServerSockets", "server_id", id, "start_socket_id", last + 1, "max_results", 2L);

      assertThat(all(first, "socket_ref")).hasSize(2);
      assertThat(get(first, "end")).isEqualTo(false);
      assertThat(all(second, "socket_ref")).hasSize(1);
      assertThat(get(second, "end")).isEqualTo(true);
      DynamicMessage servers = ask("GetServers", "max_results", 1L);
      assertThat(all(servers, "server")).hasSize(1);
      assertThat(get(servers, "end")).isEqualTo(false);
      assertThat(get(ask("GetServers", "start_server_id", last + 1), "end")).isEqualTo(true);
    } finally {
      for (RawPeer peer : peers) {
        peer.close();
      }
    }
  }

  @Test
  void whatIsNotThereIsSaidToBe() throws Exception {
    assertThat(get(ask("GetTopChannels"), "end")).isEqualTo(true);
    assertThat(refusal("GetChannel", "channel_id", 1L)).isEqualTo(GrpcCode.NOT_FOUND);
    assertThat(refusal("GetSubchannel", "subchannel_id", 1L)).isEqualTo(GrpcCode.NOT_FOUND);
    assertThat(refusal("GetServerSockets", "server_id", -1L)).isEqualTo(GrpcCode.NOT_FOUND);
    assertThat(refusal("GetServers", "max_results", -1L)).isEqualTo(GrpcCode.INVALID_ARGUMENT);
  }

  @Test
  void aServerThatIsNotShownIsNotListed() throws Exception {
    GrpcServer quiet =
        started(
            GrpcServer.builder(Address.tcp("127.0.0.1", 0))
                .service(EchoService.binding(EchoService::answer)));
    client(quiet).call(EchoService.UNARY, StringValue.of("a"));

    assertThat(all(ask("GetServers"), "server"))
        .extracting(each -> get(each, "ref.name"))
        .hasSize(2)
        .doesNotContain(quiet.endpoint().toString());
  }
}
