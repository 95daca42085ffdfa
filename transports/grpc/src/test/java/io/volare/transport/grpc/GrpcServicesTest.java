package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.UnknownFieldSet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.volare.motore.Services;
import io.volare.rpc.Address;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The services that come with a server, as bytes that another implementation would send and read.
 */
@Timeout(30)
class GrpcServicesTest {
  private final GrpcHealth health = GrpcHealth.create();
  private GrpcServer server;
  private RawPeer peer;

  @BeforeEach
  void start() throws IOException {
    server =
        GrpcServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding(EchoService::answer))
            .health(health)
            .reflection()
            .build();
    server.start();
    peer = RawPeer.connect(server.endpoint());
  }

  @AfterEach
  void stop() throws IOException {
    peer.close();
    server.stop();
  }

  private static ByteBuf call(String path) {
    return RawPeer.block(
        ":method", "POST", ":scheme", "http", ":path", path, "content-type", "application/grpc");
  }

  private static ByteBuf framed(UnknownFieldSet message) {
    byte[] bytes = message.toByteArray();
    return Unpooled.buffer().writeByte(0).writeInt(bytes.length).writeBytes(bytes);
  }

  private static UnknownFieldSet text(int number, String text) {
    return field(number, ByteString.copyFromUtf8(text));
  }

  private static UnknownFieldSet field(int number, ByteString bytes) {
    return UnknownFieldSet.newBuilder()
        .addField(number, UnknownFieldSet.Field.newBuilder().addLengthDelimited(bytes).build())
        .build();
  }

  private UnknownFieldSet answer() throws IOException {
    return answer(peer.await(RawPeer.DATA));
  }

  private static UnknownFieldSet answer(RawPeer.Frame frame) throws IOException {
    byte[] payload = frame.payload();
    return UnknownFieldSet.parseFrom(CodedInputStream.newInstance(payload, 5, payload.length - 5));
  }

  private static long status(UnknownFieldSet response) {
    return response.hasField(1) ? response.getField(1).getVarintList().getFirst() : 0;
  }

  @Test
  void aServerServesAndItsServicesAreAsItSays() throws Exception {
    String path = "/grpc.health.v1.Health/Check";
    health.set("test.Echo", GrpcHealth.Status.NOT_SERVING);
    peer.headers(1, false, call(path))
        .frame(RawPeer.DATA, RawPeer.END_STREAM, 1, framed(text(1, "")))
        .flush();
    assertThat(status(answer())).isEqualTo(1);
    peer.headers(3, false, call(path))
        .frame(RawPeer.DATA, RawPeer.END_STREAM, 3, framed(text(1, "test.Echo")))
        .flush();
    assertThat(status(answer())).isEqualTo(2);
    peer.headers(5, false, call(path))
        .frame(RawPeer.DATA, RawPeer.END_STREAM, 5, framed(text(1, "nobody")))
        .flush();

    assertThat(peer.trailers(5).get("grpc-status")).hasToString("5");
  }

  @Test
  void whoWatchesIsToldOfEveryChangeAndDrainingEndsIt() throws Exception {
    peer.headers(1, false, call("/grpc.health.v1.Health/Watch"))
        .frame(RawPeer.DATA, RawPeer.END_STREAM, 1, framed(text(1, "x")))
        .flush();
    assertThat(status(answer())).isEqualTo(3);
    health.set("x", GrpcHealth.Status.SERVING);
    assertThat(status(answer())).isEqualTo(1);

    var draining =
        Services.callAsync(() -> {
          server.drain(Duration.ofSeconds(10));
          return null;
        });

    assertThat(status(answer())).isEqualTo(2);
    assertThat(peer.trailers(1).get("grpc-status")).hasToString("0");
    peer.close();
    draining.join();
  }

  @Test
  void reflectionListsTheServicesInBothVersions() throws Exception {
    int stream = 1;
    for (String version : new String[] {"v1", "v1alpha"}) {
      ask(version, stream, text(7, ""));
      UnknownFieldSet list =
          UnknownFieldSet.parseFrom(answer().getField(6).getLengthDelimitedList().getFirst());

      assertThat(list.getField(1).getLengthDelimitedList().toString())
          .contains("test.Echo", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection");
      stream += 2;
    }
  }

  private void ask(String version, int stream, UnknownFieldSet question) throws IOException {
    String path = "/grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo";
    peer.headers(stream, false, call(path))
        .frame(RawPeer.DATA, 0, stream, framed(question))
        .flush();
  }

  @Test
  void reflectionTellsTheFileOfAServiceWithAllThatItNeeds() throws Exception {
    ask("v1", 1, text(4, "test.Echo"));
    UnknownFieldSet files =
        UnknownFieldSet.parseFrom(answer().getField(4).getLengthDelimitedList().getFirst());
    FileDescriptorProto first =
        FileDescriptorProto.parseFrom(files.getField(1).getLengthDelimitedList().getFirst());

    assertThat(first.getService(0).getName()).isEqualTo("Echo");
    assertThat(first.getService(0).getMethodList())
        .anyMatch(method -> method.getName().equals("Both") && method.getClientStreaming());
    assertThat(files.getField(1).getLengthDelimitedList()).hasSize(2);
  }

  @Test
  void reflectionSaysWhatItDoesNotKnow() throws Exception {
    ask("v1", 1, text(4, "no.Such"));
    UnknownFieldSet error =
        UnknownFieldSet.parseFrom(answer().getField(7).getLengthDelimitedList().getFirst());

    assertThat(error.getField(1).getVarintList()).containsExactly(5L);
    assertThat(error.getField(2).getLengthDelimitedList().getFirst().toStringUtf8())
        .isEqualTo("symbol no.Such is not known");
  }
}
