package io.volare.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.interop.cases.CasesServer;
import io.volare.interop.testing.TestServiceServer;
import io.volare.rpc.Address;
import io.volare.transport.grpc.GrpcProtocol;
import io.volare.transport.grpc.GrpcWebConfig;
import io.volare.transport.netty.ServerPort;
import io.volare.transport.thrift.ThriftProtocol;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Thrift in every form, gRPC, and gRPC-Web over HTTP/1.1, answered on one port. */
class OnePortTest {
  private ServerPort server;
  private String port;

  @BeforeEach
  void start() {
    GrpcProtocol grpc =
        GrpcProtocol.builder()
            .service(TestServiceServer.bind(new TestServiceHandler()))
            .web(GrpcWebConfig.DEFAULT)
            .build();
    ThriftProtocol thrift =
        ThriftProtocol.builder().service(CasesServer.bind(new CasesHandler(() -> {}))).build();
    server =
        ServerPort.builder(Address.tcp("127.0.0.1", 0))
            .offer(thrift)
            .offer(grpc)
            .offer(grpc.overHttp1())
            .build();
    server.start();
    port = Integer.toString(((Address.Tcp) server.endpoint().address()).port());
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  @Test
  void eachIsToldByItsFirstBytes() throws Exception {
    for (String wire : List.of("bare", "framed", "ttheader", "ttheaderframed")) {
      String[] words = {"client", "--port", port, "--wire", wire};
      PeerOptions thrift = PeerOptions.parse(words);
      new ClientCases(thrift.port(), thrift.config(), Duration.ofSeconds(20)).run("echo", thrift);
    }
    try (GrpcCases grpc = new GrpcCases(GrpcPeerOptions.parse("client", "--port", port))) {
      grpc.run("server_streaming");
    }
    HttpResponse<byte[]> web = emptyCallOfAPage();
    assertThat(web.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    assertThat(new String(web.body(), StandardCharsets.ISO_8859_1)).endsWith("grpc-status: 0\r\n");
  }

  private HttpResponse<byte[]> emptyCallOfAPage() throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + port + "/grpc.testing.TestService/EmptyCall");
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("content-type", "application/grpc-web+proto")
            .POST(BodyPublishers.ofByteArray(new byte[5]))
            .build();
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return http.send(request, BodyHandlers.ofByteArray());
    }
  }
}
