package io.volare.transport.thrift;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.rpc.Address;
import io.volare.rpc.BusinessException;
import io.volare.rpc.RpcContext;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.thrift.TApplicationException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TStruct;
import org.apache.thrift.protocol.TType;
import org.apache.thrift.transport.TSocket;
import org.apache.thrift.transport.TTransport;
import org.apache.thrift.transport.layered.TFramedTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.Test;

/** Apache's client, framed and bare, against our server. */
@Timeout(20)
@ParameterizedClass(name = "framed {0}")
@ValueSource(booleans = {true, false})
class LibthriftClientTest {
  @Parameter boolean framed;

  private final BlockingQueue<String> logged = new LinkedBlockingQueue<>();
  private ThriftServer server;
  private TTransport transport;
  private TBinaryProtocol protocol;
  private int sequence;

  @BeforeEach
  void start() throws Exception {
    server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding(this::answer))
            .build();
    server.start();
    TSocket socket =
        new TSocket("127.0.0.1", ((Address.Tcp) server.endpoint().address()).port(), 5_000);
    transport = framed ? new TFramedTransport(socket) : socket;
    transport.open();
    protocol = new TBinaryProtocol(transport);
  }

  private Object answer(RpcContext context, Object request) throws Exception {
    String text = (String) request;
    logged.add(text);
    switch (text) {
      case "oops" -> throw new EchoService.Oops("declared");
      case "biz" -> throw new BusinessException(404, "not found", Map.of());
      case "defect" -> throw new IllegalStateException("secret detail");
      default -> {
        return text;
      }
    }
  }

  @AfterEach
  void stop() {
    transport.close();
    server.stop();
  }

  private void send(String method, byte type, String text) throws Exception {
    protocol.writeMessageBegin(new TMessage(method, type, ++sequence));
    protocol.writeStructBegin(new TStruct("args"));
    protocol.writeFieldBegin(new TField("text", TType.STRING, (short) 1));
    protocol.writeString(text);
    protocol.writeFieldEnd();
    protocol.writeFieldStop();
    protocol.writeStructEnd();
    protocol.writeMessageEnd();
    transport.flush();
  }

  /** Calls as Apache's generated clients do; the result is the field's id and its text. */
  private String call(String method, String text) throws Exception {
    send(method, TMessageType.CALL, text);
    TMessage message = protocol.readMessageBegin();
    assertThat(message.seqid).isEqualTo(sequence);
    assertThat(message.name).isEqualTo(method);
    if (message.type == TMessageType.EXCEPTION) {
      TApplicationException failure = TApplicationException.readFrom(protocol);
      protocol.readMessageEnd();
      throw failure;
    }
    protocol.readStructBegin();
    TField field = protocol.readFieldBegin();
    String result = field.id + " " + (field.type == TType.STRING ? protocol.readString() : oops());
    assertThat(protocol.readFieldBegin().type).isEqualTo(TType.STOP);
    protocol.readStructEnd();
    protocol.readMessageEnd();
    return result;
  }

  private String oops() throws Exception {
    protocol.readStructBegin();
    protocol.readFieldBegin();
    String why = protocol.readString();
    assertThat(protocol.readFieldBegin().type).isEqualTo(TType.STOP);
    protocol.readStructEnd();
    return why;
  }

  @Test
  void callsAreAnsweredOneAfterAnother() throws Exception {
    String large = "ü".repeat(300_000);

    assertThat(call("echo", "hello")).isEqualTo("0 hello");
    assertThat(call("echo", large)).isEqualTo("0 " + large);
    assertThat(call("echo", "")).isEqualTo("0 ");
  }

  @Test
  void aDeclaredExceptionComesInItsField() throws Exception {
    assertThat(call("echo", "oops")).isEqualTo("1 declared");
  }

  @Test
  void whatIsNotDeclaredComesAsAnApplicationException() throws Exception {
    assertRefused("echo", "biz", TApplicationException.INTERNAL_ERROR, "not found");
    assertRefused("echo", "defect", TApplicationException.INTERNAL_ERROR, "the handler failed");
    assertRefused("missing", "x", TApplicationException.UNKNOWN_METHOD, "unknown method missing");

    assertThat(call("echo", "next")).isEqualTo("0 next");
  }

  private void assertRefused(String method, String text, int type, String why) throws Exception {
    try {
      call(method, text);
    } catch (TApplicationException failure) {
      assertThat(failure.getType()).isEqualTo(type);
      assertThat(failure).hasMessageContaining(why).hasMessageNotContaining("secret");
      return;
    }
    assertThat(false).as("no exception came").isTrue();
  }

  @Test
  void onewayIsNotAnswered() throws Exception {
    send("log", TMessageType.ONEWAY, "noted");

    assertThat(logged.poll(5, TimeUnit.SECONDS)).isEqualTo("noted");
    assertThat(call("echo", "next")).isEqualTo("0 next");
  }
}
