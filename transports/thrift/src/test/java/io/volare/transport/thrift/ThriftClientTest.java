package io.volare.transport.thrift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.volare.codec.thrift.ThriftMessage;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.AsyncCall;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Services;
import io.volare.rpc.BusinessException;
import io.volare.rpc.CallOptions;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Loops;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client against a peer that misbehaves by the byte. */
@Timeout(30)
class ThriftClientTest {
  private static final ThriftClientConfig ONE = ThriftClientConfig.DEFAULT.withPool(1);
  private static final ThriftClientConfig MUX = ThriftClientConfig.DEFAULT.withMultiplexed(1);

  private final EndpointHealth health = EndpointHealth.create();
  private final BlockingQueue<EndpointHealth.Signal> signals = new LinkedBlockingQueue<>();
  private final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
  private ScriptedPeer peer;
  private ThriftClient transport;

  private RpcClient client(ThriftClientConfig config, ScriptedPeer.Script script)
      throws IOException {
    health.subscribe((endpoint, signal) -> signals.add(signal));
    peer = new ScriptedPeer(script);
    transport = ThriftClient.to(peer.endpoint(), config).with(health);
    return RpcClient.builder("echo").caller("test").transport(transport);
  }

  @AfterEach
  void stop() throws IOException {
    if (transport != null) {
      transport.stop();
      peer.close();
    }
  }

  private static Object echo(RpcClient client, String text) throws Exception {
    return client.call(EchoService.ECHO, text);
  }

  private static RpcException failure(RpcClient client, String text) {
    Throwable thrown = catchThrowable(() -> echo(client, text));
    assertThat(thrown).isInstanceOf(RpcException.class);
    return (RpcException) thrown;
  }

  private static RpcClient within(RpcClient client, long millis) {
    return client.with(CallOptions.DEFAULT.withTimeout(Duration.ofMillis(millis)));
  }

  private static void answerAll(ScriptedPeer.Line line) throws IOException {
    while (true) {
      line.send(line.read().answer());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = WireForm.class,
      names = {"TTHEADER", "TTHEADER_FRAMED", "FRAMED"})
  void aReplyCutAtAnyByteIsALostConnectionAndTheNextCallWorks(WireForm form) throws Exception {
    int whole = new ScriptedPeer.Answering(form, "echo", 1).text("1").bytes().length;
    for (ThriftClientConfig config : List.of(ONE.withForm(form), MUX.withForm(form))) {
      RpcClient client =
          client(
              config,
              line -> {
                while (true) {
                  ScriptedPeer.Call call = line.read();
                  byte[] answer = call.answer();
                  String text = call.text();
                  int cut = text.equals("whole") ? answer.length : Integer.parseInt(text);
                  line.send(java.util.Arrays.copyOf(answer, Math.min(cut, answer.length - 1)));
                  if (cut < answer.length) {
                    return;
                  }
                  line.send(new byte[] {answer[answer.length - 1]});
                }
              });
      for (int cut = 0; cut < whole; cut++) {
        RpcException lost = failure(client, Integer.toString(cut));

        assertThat(lost.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(lost.mayHaveExecuted()).isTrue();
        assertThat(lost)
            .hasMessageMatching(
                "Echo/echo at 127.0.0.1:\\d+: the connection was lost after \\d+ ms.*");
        assertThat(echo(client, "whole")).isEqualTo("whole");
      }
      stop();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = WireForm.class,
      names = {"TTHEADER", "TTHEADER_FRAMED", "FRAMED"})
  void multiplexedRepliesComeInAnyOrder(WireForm form) throws Exception {
    RpcClient client =
        client(
            MUX.withForm(form),
            line -> {
              List<ScriptedPeer.Call> calls = new ArrayList<>();
              for (int i = 0; i < 20; i++) {
                calls.add(line.read());
              }
              Collections.reverse(calls);
              for (ScriptedPeer.Call call : calls) {
                line.send(call.answer());
              }
              answerAll(line);
            });
    List<AsyncCall<Object>> calls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String text = "call " + i;
      calls.add(Services.callAsync(() -> echo(client, text)));
    }
    for (int i = 0; i < 20; i++) {
      assertThat(calls.get(i).join()).isEqualTo("call " + i);
    }
    assertThat(peer.accepted()).isEqualTo(1);
    assertThat(transport.pendingCalls()).isZero();
  }

  @Test
  void aLateReplyIsDroppedAndCountedAndTheConnectionStays() throws Exception {
    RpcClient client =
        client(
            MUX,
            line -> {
              ScriptedPeer.Call first = line.read();
              ScriptedPeer.Call second = line.read();
              line.send(first.answer());
              line.send(second.answer());
              answerAll(line);
            });

    RpcException late = failure(within(client, 50), "first");

    assertThat(late.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
    assertThat(late.mayHaveExecuted()).isTrue();
    assertThat(late)
        .hasMessageMatching(
            "Echo/echo at 127.0.0.1:\\d+: no response after \\d+ ms \\(limit: (50|[1-4]?\\d) ms\\)");
    assertThat(echo(client, "second")).isEqualTo("second");
    assertThat(transport.lateReplies()).isEqualTo(1);
    assertThat(transport.pendingCalls()).isZero();
    assertThat(peer.accepted()).isEqualTo(1);
  }

  @Test
  void anInterruptedMultiplexedCallLeavesItsConnectionToTheOthers() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    RpcClient client =
        client(
            MUX,
            line -> {
              ScriptedPeer.Call first = line.read();
              arrived.countDown();
              ScriptedPeer.Call second = line.read();
              line.send(first.answer());
              line.send(second.answer());
              answerAll(line);
            });
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread caller =
        Thread.ofVirtual().start(() -> thrown.set(catchThrowable(() -> echo(client, "first"))));
    arrived.await();

    caller.interrupt();
    caller.join();

    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertThat(echo(client, "second")).isEqualTo("second");
    assertThat(transport.lateReplies()).isEqualTo(1);
    assertThat(peer.accepted()).isEqualTo(1);
  }

  @Test
  void anInterruptedPingPongCallClosesItsConnection() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    RpcClient client =
        client(
            ONE,
            line -> {
              if (line.number == 1) {
                line.read();
                arrived.countDown();
                seen.add(line.ends());
              } else {
                answerAll(line);
              }
            });
    Thread caller = Thread.ofVirtual().start(() -> catchThrowable(() -> echo(client, "first")));
    arrived.await();

    caller.interrupt();

    assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo(true);
    assertThat(echo(client, "second")).isEqualTo("second");
  }

  @Test
  void aReplyWithAnUnknownIdIsNeverDelivered() throws Exception {
    RpcClient client =
        client(
            MUX,
            line -> {
              ScriptedPeer.Call call = line.read();
              int wrong = call.sequence() + 16_384;
              line.send(call.reply().text("wrong").sequence(wrong).headerSequence(wrong).bytes());
              line.send(call.reply().text("right").bytes());
              answerAll(line);
            });

    assertThat(echo(client, "x")).isEqualTo("right");
    assertThat(transport.lateReplies()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aReplyWhoseTwoIdsDisagreeIsAProtocolError(boolean multiplexed) throws Exception {
    RpcClient client =
        client(
            multiplexed ? MUX : ONE,
            line -> {
              while (true) {
                ScriptedPeer.Call call = line.read();
                boolean wrong = call.text().equals("wrong");
                line.send(
                    call.reply()
                        .text("x")
                        .sequence(wrong ? call.sequence() + 1 : call.sequence())
                        .bytes());
              }
            });

    RpcException failure = failure(client, "wrong");

    assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
    assertThat(failure)
        .hasMessageMatching(
            "Echo/echo at \\S+ a reply with sequence id 2 \\(expected: 1; application exception"
                + " 4\\)");
    assertThat(echo(client, "right")).isEqualTo("x");
    assertThat(peer.accepted()).isEqualTo(multiplexed ? 1 : 2);
  }

  @Test
  void aReplyOfAnotherMethodIsAProtocolError() throws Exception {
    RpcClient client =
        client(
            ONE,
            line -> {
              ScriptedPeer.Call call = line.read();
              line.send(call.reply().text("x").name("other").bytes());
            });

    assertThat(failure(client, "x"))
        .hasMessageContaining("a reply of method other (expected: echo; application exception 3)");
  }

  @Test
  void anExceptionIsTakenWhateverItsIdAndName() throws Exception {
    RpcClient client =
        client(
            ONE,
            line -> {
              ScriptedPeer.Call call = line.read();
              line.send(
                  call.reply()
                      .type(ThriftMessage.EXCEPTION)
                      .text("because")
                      .sequence(0)
                      .headerSequence(0)
                      .name("")
                      .bytes());
            });

    RpcException failure = failure(client, "x");

    assertThat(failure.kind()).isEqualTo(Kind.INTERNAL);
    assertThat(failure).hasMessageContaining("because");
  }

  @Test
  void aMissingResultIsAProtocolError() throws Exception {
    RpcClient client = client(ONE, line -> line.send(line.read().reply().bytes()));

    assertThat(failure(client, "x").kind()).isEqualTo(Kind.PROTOCOL);
  }

  @ParameterizedTest
  @ValueSource(bytes = {ThriftMessage.REPLY, ThriftMessage.EXCEPTION})
  void aBusinessErrorWinsOverAnyBody(byte type) throws Exception {
    RpcClient client =
        client(
            ONE,
            line -> {
              ScriptedPeer.Call call = line.read();
              line.send(
                  call.reply()
                      .type(type)
                      .messageType("\u0002")
                      .strings(
                          Map.of(
                              "biz-status", "404",
                              "biz-message", "not found",
                              "biz-extra", "{\"k\":\"v\"}"))
                      .bytes());
              answerAll(line);
            });

    assertThatThrownBy(() -> echo(client, "x"))
        .isInstanceOfSatisfying(
            BusinessException.class,
            business -> {
              assertThat(business.status()).isEqualTo(404);
              assertThat(business.extra()).isEqualTo(Map.of("k", "v"));
            });
    assertThat(echo(client, "y")).isEqualTo("y");
    assertThat(peer.accepted()).isEqualTo(1);
  }

  @Test
  void backwardValuesArriveWithAndWithoutPrefixAndControlKeysDoNot() throws Exception {
    RpcClient client =
        client(
            ONE,
            line -> {
              ScriptedPeer.Call call = line.read();
              line.send(
                  call.reply()
                      .text("x")
                      .strings(
                          Map.of(
                              "RPC_BACKWARD_volo", "1",
                              "kitex", "2",
                              "rip", "10.0.0.1",
                              "biz-status", "0",
                              "PV_check", "3"))
                      .bytes());
            });
    MetaInfo mine = MetaInfo.create();

    assertThat(MetaInfo.call(mine, () -> echo(client, "x"))).isEqualTo("x");

    List<String> keys = new ArrayList<>();
    mine.forEachDownstream((key, value) -> keys.add(key + "=" + value));
    assertThat(keys).containsExactlyInAnyOrder("volo=1", "kitex=2");
  }

  @Test
  void theHeaderSaysWhatKitexClientsSayAndMore() throws Exception {
    RpcClient client =
        client(
            MUX,
            line -> {
              ScriptedPeer.Call call = line.read();
              seen.add(call.frame().header());
              line.send(call.answer());
              answerAll(line);
            });
    MetaInfo mine = MetaInfo.create();
    mine.setPersistent("tenant", "blue");
    mine.setTransient("gdpr-token", "secret");
    mine.setTransient("traceparent", "00-1-2-01");

    MetaInfo.call(mine, () -> echo(within(client, 2_000), "x"));

    TtHeader header = (TtHeader) seen.take();
    assertThat(header.isOutOfOrder()).isTrue();
    assertThat(header.value(1)).isEqualTo("unframed");
    assertThat(header.value(3)).isEqualTo("test");
    assertThat(header.value(6)).isEqualTo("echo");
    assertThat(header.value(9)).isEqualTo("echo");
    assertThat(Integer.parseInt(header.value(12))).isBetween(1_000, 2_000);
    assertThat(header.value(17)).isEqualTo("1000");
    assertThat(header.value(20)).isEmpty();
    assertThat(header.value(22)).isEqualTo("1");
    assertThat(header.value("isn")).isEqualTo("Echo");
    assertThat(header.value("RPC_PERSIST_tenant")).isEqualTo("blue");
    assertThat(header.value("RPC_TRANSIT_traceparent")).isEqualTo("00-1-2-01");
    assertThat(header.value("RPC_TRANSIT_gdpr-token")).isNull();
    assertThat(header.token()).isEqualTo("secret");
  }

  @Test
  void tooMuchMetainfoIsRefusedBeforeAnythingIsSent() throws Exception {
    RpcClient client = client(ONE, ThriftClientTest::answerAll);
    MetaInfo mine =
        MetaInfo.create(new io.volare.metainfo.MetaInfoLimits(1_000, 256, 60_000, 200_000));
    mine.setPersistent("a", "x".repeat(40_000));
    mine.setPersistent("b", "x".repeat(40_000));

    RpcException failure =
        (RpcException) catchThrowable(() -> MetaInfo.call(mine, () -> echo(client, "x")));

    assertThat(failure.kind()).isEqualTo(Kind.RESOURCE_EXHAUSTED);
    assertThat(failure.mayHaveExecuted()).isFalse();
    assertThat(failure).hasMessageContaining("(limit: 65532 B)");
    assertThat(echo(client, "y")).isEqualTo("y");
  }

  @Test
  void aPingPongConnectionIsNotUsedAgainOnceThePeerSaysSo() throws Exception {
    RpcClient client =
        client(
            ONE,
            line -> {
              ScriptedPeer.Call call = line.read();
              line.send(call.reply().text("bye").strings(Map.of("crrst", "1")).bytes());
              seen.add(line.ends());
            });

    assertThat(echo(client, "1")).isEqualTo("bye");
    assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo(true);
    assertThat(echo(client, "2")).isEqualTo("bye");
    assertThat(peer.accepted()).isEqualTo(2);
    assertThat(signals).contains(EndpointHealth.Signal.DRAINING);
  }

  @Test
  void anIdleConnectionClosesWhenThePeerSaysSo() throws Exception {
    RpcClient client =
        client(
            ONE,
            line -> {
              line.send(line.read().answer());
              line.sendConnectionReset();
              seen.add(line.ends());
            });

    assertThat(echo(client, "1")).isEqualTo("1");
    assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo(true);
    assertThat(echo(client, "2")).isEqualTo("2");
  }

  @Test
  void aMultiplexedConnectionDrainsWhileNewCallsGoElsewhere() throws Exception {
    CountDownLatch moved = new CountDownLatch(1);
    RpcClient client =
        client(
            MUX,
            line -> {
              if (line.number > 1) {
                answerAll(line);
              }
              ScriptedPeer.Call call = line.read();
              line.sendConnectionReset();
              moved.await();
              line.send(call.answer());
              seen.add(line.ends());
            });
    AsyncCall<Object> first = Services.callAsync(() -> echo(client, "first"));
    assertThat(signals.poll(5, TimeUnit.SECONDS)).isEqualTo(EndpointHealth.Signal.CONNECTED);
    assertThat(signals.poll(5, TimeUnit.SECONDS)).isEqualTo(EndpointHealth.Signal.DRAINING);

    assertThat(echo(client, "second")).isEqualTo("second");
    moved.countDown();

    assertThat(first.join()).isEqualTo("first");
    assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo(true);
    assertThat(peer.accepted()).isEqualTo(2);
    assertThat(signals).doesNotContain(EndpointHealth.Signal.LOST);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCallThatMayGoElsewhereComesBackUnsentRatherThanConnectAgainToAServerThatDrains(
      boolean multiplexed) throws Exception {
    RpcClient only =
        client(
            multiplexed ? MUX : ONE,
            line -> {
              ScriptedPeer.Call call = line.read();
              line.send(call.reply().text("bye").strings(Map.of("crrst", "1")).bytes());
              seen.add(line.ends());
            });
    RpcClient oneOfSeveral =
        RpcClient.builder("echo")
            .layer(inner ->
                (context, request) -> {
                  context.endpoint(peer.endpoint(), true);
                  return inner.call(context, request);
                })
            .transport(transport);
    assertThat(echo(oneOfSeveral, "1")).isEqualTo("bye");
    assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo(true);

    RpcException unsent = failure(oneOfSeveral, "2");

    assertThat(unsent.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(unsent.mayHaveExecuted()).isFalse();
    assertThat(unsent).hasMessageEndingWith("not sent: the server is shutting down");
    assertThat(peer.accepted()).isEqualTo(1);
    assertThat(echo(only, "3")).isEqualTo("bye");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCallOnANewConnectionThatIsResetBeforeAnyAnswerMayHaveRun(boolean multiplexed)
      throws Exception {
    RpcClient client =
        client(
            multiplexed ? MUX : ONE,
            line -> {
              line.read();
              line.reset();
            });

    RpcException lost = failure(client, "1");

    assertThat(lost.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(lost.mayHaveExecuted()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aConnectionClosedWhileIdleIsNoticedByNobody(boolean multiplexed) throws Exception {
    RpcClient client = client(multiplexed ? MUX : ONE, line -> line.send(line.read().answer()));

    for (int i = 0; i < 50; i++) {
      assertThat(echo(client, "call " + i)).isEqualTo("call " + i);
      while (transport.connections() > 0) {
        Thread.onSpinWait();
      }
    }
    assertThat(signals).doesNotContain(EndpointHealth.Signal.LOST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "48545450 2f312e31 20343030", // HTTP/1.1 400
        "7fffffff 10000000 00000001 0001", // a frame of 2 GiB
        "00000010 10000000 00000001 ffff", // a header that is larger than its frame
        "7fffffff 80010002 00000004", // framed, 2 GiB
        "80010002 7fffffff 00000000", // bare, a name of 2 GiB
      })
  void garbageIsAProtocolErrorAndClosesTheConnection(String hex) throws Exception {
    byte[] garbage = java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
    for (ThriftClientConfig config : List.of(ONE, MUX)) {
      RpcClient client =
          client(
              config,
              line -> {
                if (line.number > 1) {
                  answerAll(line);
                }
                line.read();
                line.send(garbage);
                seen.add(line.ends());
              });

      RpcException failure = failure(client, "x");

      assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
      assertThat(failure).hasMessageStartingWith("Echo/echo at 127.0.0.1:");
      assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo(true);
      assertThat(echo(client, "next")).isEqualTo("next");
      stop();
    }
  }

  @Test
  void anUnaskedReplyClosesAPingPongConnection() throws Exception {
    RpcClient client =
        client(
            ONE,
            line -> {
              ScriptedPeer.Call call = line.read();
              line.send(call.answer());
              line.send(call.answer());
              seen.add(line.ends());
            });

    assertThat(echo(client, "1")).isEqualTo("1");
    assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo(true);
    assertThat(echo(client, "2")).isEqualTo("2");
  }

  @Test
  void aRequestThatNeverLeftCertainlyDidNotRun() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    RpcClient client =
        client(
            MUX,
            line -> {
              line.limitReceiveBuffer();
              over.await();
            });
    String large = "x".repeat(8_000_000);
    List<AsyncCall<Object>> filling = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      filling.add(Services.callAsync(() -> echo(within(client, 2_000), large)));
      Thread.sleep(50);
    }

    RpcException failure = failure(within(client, 100), "small");
    over.countDown();

    assertThat(failure.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
    assertThat(failure.mayHaveExecuted()).isFalse();
    assertThat(failure)
        .hasMessageMatching(".*: not sent after \\d+ ms \\(limit: (100|\\d\\d) ms\\)");
    for (AsyncCall<Object> call : filling) {
      assertThatThrownBy(call::join).isInstanceOf(RpcException.class);
    }
  }

  @Test
  void moreCallsThanMayWaitAreRefused() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    RpcClient client =
        client(
            MUX.withPending(4),
            line -> {
              List<ScriptedPeer.Call> calls = new ArrayList<>();
              for (int i = 0; i < 4; i++) {
                calls.add(line.read());
                seen.add(i);
              }
              over.await();
              for (ScriptedPeer.Call call : calls) {
                line.send(call.answer());
              }
            });
    List<AsyncCall<Object>> waiting = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      waiting.add(Services.callAsync(() -> echo(client, "waits")));
      seen.take();
    }

    RpcException failure = failure(client, "one too many");
    over.countDown();

    assertThat(failure.kind()).isEqualTo(Kind.RESOURCE_EXHAUSTED);
    assertThat(failure.mayHaveExecuted()).isFalse();
    assertThat(failure).hasMessageContaining("(limit: 4)");
    for (AsyncCall<Object> call : waiting) {
      assertThat(call.join()).isEqualTo("waits");
    }
  }

  @Test
  void callingOnAnEventLoopFailsAtOnce() throws Exception {
    RpcClient client = client(ONE, ThriftClientTest::answerAll);

    Throwable thrown =
        Loops.shared().group().submit(() -> catchThrowable(() -> echo(client, "x"))).get();

    assertThat(thrown)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("called on event loop volare-");
  }

  @Test
  void onewayReturnsOnceItIsOutAndKeepsItsConnection() throws Exception {
    RpcClient client =
        client(
            ONE,
            line -> {
              ScriptedPeer.Call call = line.read();
              seen.add(call.envelope().type());
              answerAll(line);
            });

    assertThat(client.call(EchoService.LOG, "noted")).isNull();
    assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo(ThriftMessage.ONEWAY);
    assertThat(echo(client, "after")).isEqualTo("after");
    assertThat(peer.accepted()).isEqualTo(1);
  }

  @Test
  void stoppingFailsWhatWaitsAndRefusesWhatComes() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    RpcClient client =
        client(
            MUX,
            line -> {
              line.read();
              arrived.countDown();
              line.ends();
            });
    AsyncCall<Object> waiting = Services.callAsync(() -> echo(client, "x"));
    arrived.await();

    transport.stop();

    assertThatThrownBy(waiting::join)
        .isInstanceOfSatisfying(
            RpcException.class, lost -> assertThat(lost.kind()).isEqualTo(Kind.UNAVAILABLE));
    RpcException refused = failure(client, "y");
    assertThat(refused.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(refused.mayHaveExecuted()).isFalse();
    assertThat(transport.isReady()).isFalse();
    assertThatThrownBy(transport::start).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void drainingLetsRunningCallsEnd() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    RpcClient client =
        client(
            ONE,
            line -> {
              ScriptedPeer.Call call = line.read();
              arrived.countDown();
              answer.await();
              line.send(call.answer());
            });
    AsyncCall<Object> running = Services.callAsync(() -> echo(client, "x"));
    arrived.await();
    AsyncCall<Object> draining =
        Services.callAsync(() -> {
          transport.drain(Duration.ofSeconds(10));
          return null;
        });
    while (transport.isReady()) {
      Thread.onSpinWait();
    }
    answer.countDown();

    assertThat(running.join()).isEqualTo("x");
    draining.join();
    assertThat(transport.calls()).isZero();
  }

  @Test
  void aRequestThatCannotBeEncodedLeavesNothingBehind() throws Exception {
    RpcClient client = client(ONE, ThriftClientTest::answerAll);

    RpcException failure =
        (RpcException) catchThrowable(() -> client.call(EchoService.ECHO, new Object()));

    assertThat(failure.kind()).isEqualTo(Kind.INVALID_ARGUMENT);
    assertThat(failure.mayHaveExecuted()).isFalse();
    assertThat(transport.calls()).isZero();
    assertThat(echo(client, "next")).isEqualTo("next");
    assertThat(peer.accepted()).isEqualTo(1);
  }
}
