package io.volare.transport.thrift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.AsyncCall;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Services;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.thrift.TApplicationException;
import org.apache.thrift.TException;
import org.apache.thrift.TProcessor;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolUtil;
import org.apache.thrift.protocol.TStruct;
import org.apache.thrift.protocol.TType;
import org.apache.thrift.server.TServer;
import org.apache.thrift.server.TThreadPoolServer;
import org.apache.thrift.transport.TServerSocket;
import org.apache.thrift.transport.TTransportFactory;
import org.apache.thrift.transport.layered.TFramedTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The client against Apache's own server, framed and bare. */
@Timeout(30)
@ParameterizedClass
@MethodSource("configs")
class LibthriftServerTest {
  static Stream<ThriftClientConfig> configs() {
    return Stream.of(WireForm.FRAMED, WireForm.BARE)
        .map(ThriftClientConfig.DEFAULT::withForm)
        .flatMap(config -> Stream.of(config.withPool(8), config.withMultiplexed(2)));
  }

  @Parameter ThriftClientConfig config;

  private final BlockingQueue<String> logged = new LinkedBlockingQueue<>();
  private TServer server;
  private ThriftClient transport;
  private RpcClient client;

  @BeforeEach
  void start() throws Exception {
    TServerSocket socket =
        new TServerSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    TTransportFactory wrapping =
        config.form().isFramed() ? new TFramedTransport.Factory() : new TTransportFactory();
    server =
        new TThreadPoolServer(
            new TThreadPoolServer.Args(socket)
                .processor(new EchoProcessor())
                .transportFactory(wrapping)
                .protocolFactory(new TBinaryProtocol.Factory(true, true)));
    Thread.ofPlatform().daemon().start(server::serve);
    transport =
        ThriftClient.to(Endpoint.tcp("127.0.0.1", socket.getServerSocket().getLocalPort()), config);
    client = RpcClient.builder("echo").transport(transport);
  }

  @AfterEach
  void stop() {
    transport.stop();
    server.stop();
  }

  @Test
  void echoesSmallAndLarge() throws Exception {
    for (String text : List.of("", "hello", "ü".repeat(500_000))) {
      assertThat(client.call(EchoService.ECHO, text)).isEqualTo(text);
    }
  }

  @Test
  void aDeclaredExceptionArrivesAsItself() {
    assertThatThrownBy(() -> client.call(EchoService.ECHO, "oops"))
        .isInstanceOf(EchoService.Oops.class)
        .hasMessage("declared");
  }

  @Test
  void anApplicationExceptionIsTyped() throws Exception {
    assertThatThrownBy(() -> client.call(EchoService.MISSING, "x"))
        .isInstanceOfSatisfying(
            RpcException.class, failure -> assertThat(failure.kind()).isEqualTo(Kind.UNIMPLEMENTED))
        .hasMessageContaining("Invalid method name: 'missing'");
    assertThat(client.call(EchoService.ECHO, "next")).isEqualTo("next");
  }

  @Test
  void onewayIsFollowedByCallsOnTheSameConnection() throws Exception {
    assertThat(client.call(EchoService.LOG, "noted")).isNull();
    assertThat(logged.poll(5, TimeUnit.SECONDS)).isEqualTo("noted");
    assertThat(client.call(EchoService.ECHO, "after")).isEqualTo("after");
  }

  @Test
  void everyCallerGetsItsOwnAnswer() throws Exception {
    List<AsyncCall<Object>> calls = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      String text = "call " + i;
      calls.add(Services.callAsync(() -> client.call(EchoService.ECHO, text)));
    }
    for (int i = 0; i < calls.size(); i++) {
      assertThat(calls.get(i).join()).isEqualTo("call " + i);
    }
    assertThat(transport.connections()).isLessThanOrEqualTo(config.connections());
  }

  /** What Apache's generator would write for {@link EchoService}. */
  private final class EchoProcessor implements TProcessor {
    @Override
    public void process(TProtocol in, TProtocol out) throws TException {
      TMessage call = in.readMessageBegin();
      String text = readText(in);
      in.readMessageEnd();
      switch (call.name) {
        case "log" -> logged.add(text);
        case "echo" -> {
          out.writeMessageBegin(new TMessage("echo", TMessageType.REPLY, call.seqid));
          writeResult(out, text);
          flush(out);
        }
        default -> {
          out.writeMessageBegin(new TMessage(call.name, TMessageType.EXCEPTION, call.seqid));
          new TApplicationException(
                  TApplicationException.UNKNOWN_METHOD, "Invalid method name: '" + call.name + "'")
              .write(out);
          flush(out);
        }
      }
    }

    private static void flush(TProtocol out) throws TException {
      out.writeMessageEnd();
      out.getTransport().flush();
    }

    private static void writeResult(TProtocol out, String text) throws TException {
      out.writeStructBegin(new TStruct("echo_result"));
      if (text.equals("oops")) {
        out.writeFieldBegin(new TField("oops", TType.STRUCT, (short) 1));
        out.writeStructBegin(new TStruct("Oops"));
        out.writeFieldBegin(new TField("why", TType.STRING, (short) 1));
        out.writeString("declared");
        out.writeFieldEnd();
        out.writeFieldStop();
        out.writeStructEnd();
      } else {
        out.writeFieldBegin(new TField("success", TType.STRING, (short) 0));
        out.writeString(text);
      }
      out.writeFieldEnd();
      out.writeFieldStop();
      out.writeStructEnd();
    }

    private static String readText(TProtocol in) throws TException {
      String text = null;
      in.readStructBegin();
      for (TField field = in.readFieldBegin();
          field.type != TType.STOP;
          field = in.readFieldBegin()) {
        if (field.id == 1) {
          text = in.readString();
        } else {
          TProtocolUtil.skip(in, field.type);
        }
        in.readFieldEnd();
      }
      in.readStructEnd();
      return text;
    }
  }
}
