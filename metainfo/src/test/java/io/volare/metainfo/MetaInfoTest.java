package io.volare.metainfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MetaInfoTest {
  /** What a request of {@code sender} brings to the next hop. */
  private static MetaInfo received(MetaInfo sender, Names names) {
    MetaInfo receiver = MetaInfo.create();
    sender.forEachForward(
        names, (name, value) -> assertThat(receiver.receiveForward(names, name, value)).isTrue());
    return receiver;
  }

  @ParameterizedTest
  @EnumSource(Names.class)
  void persistentValuesSurviveEveryHopAndTransientOnesTheNext(Names names) {
    MetaInfo edge = MetaInfo.create();
    edge.setPersistent("TENANT_ID", "blue");
    edge.setTransient("userId", "7");

    MetaInfo second = received(edge, names);
    MetaInfo third = received(second, names);

    assertThat(second.persistent("TENANT_ID")).isEqualTo("blue");
    assertThat(second.upstream("userId")).isEqualTo("7");
    assertThat(second.transientValue("userId")).isNull();
    assertThat(third.persistent("TENANT_ID")).isEqualTo("blue");
    assertThat(third.upstream("userId")).isNull();
  }

  @ParameterizedTest
  @EnumSource(Names.class)
  void aTracePassesThroughAHopThatDoesNotTrace(Names names) {
    MetaInfo edge = MetaInfo.create();
    edge.setTransient("traceparent", "00-aa-bb-01");

    MetaInfo second = received(edge, names);
    assertThat(received(second, names).upstream("traceparent")).isEqualTo("00-aa-bb-01");

    second.setTransient("traceparent", "00-aa-cc-01");
    assertThat(received(second, names).upstream("traceparent")).isEqualTo("00-aa-cc-01");
  }

  @ParameterizedTest
  @EnumSource(Names.class)
  void backwardValuesGoOneHopBack(Names names) {
    MetaInfo handler = MetaInfo.create();
    handler.setBackward("served-by", "orders-1");
    MetaInfo caller = MetaInfo.create();

    handler.forEachBackward(
        names, (name, value) -> assertThat(caller.receiveBackward(names, name, value)).isTrue());

    assertThat(caller.downstream("served-by")).isEqualTo("orders-1");
    assertThat(caller.hasBackward()).isFalse();
  }

  @Test
  void rpcNamesAreExactAndHttpNamesAreThoseOfVolo() {
    assertThat(Names.RPC.persistent("userId")).isEqualTo("RPC_PERSIST_userId");
    assertThat(Names.RPC.transientName("k")).isEqualTo("RPC_TRANSIT_k");
    assertThat(Names.RPC.backward("k")).isEqualTo("RPC_BACKWARD_k");
    assertThat(Names.HTTP.persistent("TENANT_ID")).isEqualTo("rpc-persist-tenant-id");
    assertThat(Names.HTTP.persistent("userId")).isEqualTo("rpc-persist-.user.49d");
    assertThat(Names.HTTP.stripPersistent("Rpc-Persist-Tenant-Id")).isEqualTo("TENANT_ID");
    assertThat(Names.HTTP.stripPersistent("rpc-persist-.ü")).isNotNull();
    assertThat(Names.HTTP.stripPersistent("rpc-persist-.a.4")).isNull();
    assertThat(Names.RPC.stripPersistent("rpc_persist_k")).isNull();
  }

  @Test
  void refusesWhatIsOverALimitAndChangesNothing() {
    MetaInfo metaInfo = MetaInfo.create(new MetaInfoLimits(2, 4, 8, 20));
    metaInfo.setPersistent("a", "1");

    assertThatThrownBy(() -> metaInfo.setPersistent("abcde", "1"))
        .isInstanceOf(MetaInfoLimitException.class)
        .hasMessage("key abcde: 5 B (limit: 4 B)");
    assertThatThrownBy(() -> metaInfo.setTransient("b", "secret that is long"))
        .hasMessage("value of b: 19 B (limit: 8 B)")
        .hasMessageNotContaining("secret");
    metaInfo.setTransient("b", "2");
    assertThatThrownBy(() -> metaInfo.receiveForward(Names.RPC, "RPC_PERSIST_c", "3"))
        .hasMessage("metainfo: 3 entries with c (limit: 2)");
    assertThatThrownBy(
            () -> {
              MetaInfo full = MetaInfo.create(new MetaInfoLimits(9, 9, 9, 10));
              full.setPersistent("a", "12345678");
              full.setTransient("b", "1");
            })
        .hasMessage("metainfo with b: 11 B (limit: 10 B)");
    assertThat(metaInfo.persistent("c")).isNull();
    assertThat(metaInfo.persistent("a")).isEqualTo("1");
  }

  @Test
  void countsBytesInUtf8() {
    MetaInfo metaInfo = MetaInfo.create(new MetaInfoLimits(9, 9, 3, 99));

    metaInfo.setPersistent("k", "äb");

    assertThatThrownBy(() -> metaInfo.setPersistent("k", "ää"))
        .hasMessage("value of k: 4 B (limit: 3 B)");
  }

  @Test
  void httpValuesMustBePrintable() {
    MetaInfo metaInfo = MetaInfo.create();
    metaInfo.setPersistent("K", "a\r\nb");

    assertThatThrownBy(() -> metaInfo.forEachForward(Names.HTTP, (name, value) -> {}))
        .isInstanceOf(MetaInfoLimitException.class)
        .hasMessage(
            "value of K: character U+000D at 1 (expected: printable ASCII in an HTTP header)");
  }

  @Test
  void emptyKeysAndValuesAreDropped() {
    MetaInfo metaInfo = MetaInfo.create();

    metaInfo.setPersistent("", "x");
    metaInfo.setPersistent("x", "");

    assertThat(metaInfo.hasForward()).isFalse();
  }

  @Test
  void aForkDoesNotSeeWhatTheOtherWrites() {
    MetaInfo origin = MetaInfo.create();
    origin.setPersistent("k", "1");
    MetaInfo one = origin.fork();
    MetaInfo other = origin.fork();

    one.setPersistent("k", "one");
    one.removePersistent("gone");
    other.setTransient("t", "other");

    assertThat(origin.persistent("k")).isEqualTo("1");
    assertThat(other.persistent("k")).isEqualTo("1");
    assertThat(one.transientValue("t")).isNull();
  }

  @Test
  void allForksAnswerInOneResponseUntilItIsOut() {
    MetaInfo handler = MetaInfo.create();
    MetaInfo fork = handler.fork();

    fork.setBackward("k", "from a fork");
    assertThat(handler.backward("k")).isEqualTo("from a fork");

    handler.closeBackward();
    assertThatThrownBy(() -> fork.setBackward("k", "late"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has gone out already");
  }

  @Test
  void anotherThreadReadsButDoesNotWrite() throws Exception {
    MetaInfo metaInfo = MetaInfo.create();
    metaInfo.setPersistent("k", "1");
    AtomicReference<Throwable> refused = new AtomicReference<>();

    MetaInfo.call(
        metaInfo,
        () -> {
          Thread reader =
              Thread.ofVirtual()
                  .start(() -> {
                    assertThat(metaInfo.persistent("k")).isEqualTo("1");
                    try {
                      metaInfo.setPersistent("k", "2");
                    } catch (IllegalStateException expected) {
                      refused.set(expected);
                    }
                  });
          reader.join();
          return null;
        });

    assertThat(refused.get()).hasMessageContaining("wrap the task or the thread factory");
    assertThat(metaInfo.persistent("k")).isEqualTo("1");
  }

  @Test
  void isCurrentInItsScopeOnly() {
    MetaInfo metaInfo = MetaInfo.create();

    MetaInfo.run(metaInfo, () -> assertThat(MetaInfo.current()).isSameAs(metaInfo));

    assertThat(MetaInfo.currentOrNull()).isNull();
    assertThatThrownBy(MetaInfo::current)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("open a scope with MetaInfo.run");
  }

  @Test
  void printsKeysAndNeverValues() {
    MetaInfo metaInfo = MetaInfo.create();
    metaInfo.setPersistent("token", "s3cret");

    assertThat(metaInfo.toString()).contains("token").doesNotContain("s3cret");
  }

  @Test
  void typedAndLocalValuesStayInTheProcessAndFollowForks() {
    MetaKey<Integer> shard = MetaKey.named("shard");
    MetaInfo metaInfo = MetaInfo.create();
    metaInfo.put(shard, 7);
    metaInfo.setLocal("note", "here");

    assertThat(metaInfo.fork().get(shard)).isEqualTo(7);
    assertThat(metaInfo.fork().local("note")).isEqualTo("here");
    assertThat(metaInfo.hasForward()).isFalse();
    metaInfo.put(shard, null);
    assertThat(metaInfo.get(shard)).isNull();
  }
}
