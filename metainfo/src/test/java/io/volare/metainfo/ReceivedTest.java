package io.volare.metainfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReceivedTest {
  private static Map<String, String> persistents(MetaInfo metaInfo) {
    Map<String, String> entries = new LinkedHashMap<>();
    metaInfo.forEachPersistent(entries::put);
    return entries;
  }

  @Test
  void aMessageArrivesInOnePieceInItsOrder() {
    MetaInfo metaInfo = MetaInfo.create();
    Received received = new Received(metaInfo, Names.RPC);

    assertThat(received.forward("RPC_PERSIST_b", "1")).isTrue();
    assertThat(received.forward("RPC_TRANSIT_t", "2")).isTrue();
    assertThat(received.forward("isn", "EchoServer")).isFalse();
    assertThat(received.forward("RPC_PERSIST_a", "3")).isTrue();
    assertThat(received.forward("RPC_PERSIST_empty", "")).isTrue();
    assertThat(metaInfo.hasForward()).isFalse();
    received.deliver();

    assertThat(persistents(metaInfo)).containsExactly(Map.entry("b", "1"), Map.entry("a", "3"));
    assertThat(metaInfo.upstream("t")).isEqualTo("2");
  }

  @Test
  void theLastValueOfAKeyCountsHoweverManyThereAre() {
    SplittableRandom random = new SplittableRandom(7);
    for (int keys : new int[] {1, 8, 9, 17, 128}) {
      MetaInfo metaInfo = MetaInfo.create();
      metaInfo.setPersistent("k0", "was there before");
      Map<String, String> model = new LinkedHashMap<>(persistents(metaInfo));
      Received received = new Received(metaInfo, Names.RPC);

      for (int i = 0; i < 5 * keys; i++) {
        String key = "k" + random.nextInt(keys);
        received.forward("RPC_PERSIST_" + key, "v" + i);
        model.put(key, "v" + i);
      }
      received.deliver();

      assertThat(persistents(metaInfo)).containsExactlyEntriesOf(model);
      model.forEach((key, value) -> assertThat(metaInfo.persistent(key)).isEqualTo(value));
      assertThat(metaInfo.persistent("none")).isNull();
    }
  }

  @Test
  void keysOfOneHashStayApart() {
    MetaInfo metaInfo = MetaInfo.create();
    Received received = new Received(metaInfo, Names.RPC);
    String[] halves = {"Aa", "BB"};

    for (int i = 0; i < 64; i++) {
      StringBuilder key = new StringBuilder();
      for (int bit = 0; bit < 6; bit++) {
        key.append(halves[i >> bit & 1]);
      }
      received.forward("RPC_PERSIST_" + key, "v" + i);
    }
    received.deliver();

    assertThat(persistents(metaInfo)).hasSize(64);
    assertThat(metaInfo.persistent("AaAaAaAaAaAa")).isEqualTo("v0");
    assertThat(metaInfo.persistent("BBBBBBBBBBBB")).isEqualTo("v63");
  }

  @Test
  void whatWasSetOrReceivedBeforeStaysAndCountsForTheLimits() {
    MetaInfo metaInfo = MetaInfo.create(new MetaInfoLimits(4, 4, 8, 20));
    metaInfo.setPersistent("a", "1");
    metaInfo.setTransient("b", "2");
    Received received = new Received(metaInfo, Names.RPC);

    received.forward("RPC_TRANSIT_c", "3");
    received.forward("RPC_PERSIST_a", "4");
    received.forward("RPC_PERSIST_d", "5");

    assertThatThrownBy(() -> received.forward("RPC_TRANSIT_e", "6"))
        .isInstanceOf(MetaInfoLimitException.class)
        .hasMessage("metainfo: 5 entries with e (limit: 4)");
    assertThatThrownBy(() -> received.forward("RPC_PERSIST_f", "6"))
        .hasMessage("metainfo: 5 entries with f (limit: 4)");
    assertThatThrownBy(() -> received.forward("RPC_PERSIST_abcde", "6"))
        .hasMessage("key abcde: 5 B (limit: 4 B)");
    assertThatThrownBy(() -> received.forward("RPC_PERSIST_a", "secret, and long"))
        .hasMessage("value of a: 16 B (limit: 8 B)");
    received.forward("RPC_PERSIST_a", "12345678");
    assertThatThrownBy(() -> received.forward("RPC_PERSIST_d", "12345678"))
        .hasMessage("metainfo with d: 22 B (limit: 20 B)");
    received.deliver();
    assertThat(persistents(metaInfo))
        .containsExactly(Map.entry("a", "12345678"), Map.entry("d", "5"));
    assertThat(metaInfo.upstream("c")).isEqualTo("3");
    assertThat(metaInfo.transientValue("b")).isEqualTo("2");
  }

  @Test
  void aRefusedMessageLeavesNothingBehind() {
    MetaInfo metaInfo = MetaInfo.create(new MetaInfoLimits(2, 9, 9, 99));
    Received received = new Received(metaInfo, Names.RPC);
    received.forward("RPC_PERSIST_a", "1");
    received.forward("RPC_PERSIST_b", "1");

    assertThatThrownBy(() -> received.forward("RPC_PERSIST_c", "1"))
        .isInstanceOf(MetaInfoLimitException.class);

    assertThat(metaInfo.hasForward()).isFalse();
  }

  @Test
  void answersArriveWithAndWithoutTheirPrefixAndApartFromTheRequest() {
    MetaInfo metaInfo = MetaInfo.create(new MetaInfoLimits(2, 9, 9, 99));
    metaInfo.setPersistent("a", "1");
    metaInfo.setPersistent("b", "1");
    Received received = new Received(metaInfo, Names.HTTP);

    assertThat(received.backward("rpc-backward-served-by", "x")).isTrue();
    assertThat(received.backward("served-by", "y")).isFalse();
    received.rawBackward("raw", "z");
    received.deliver();

    assertThat(metaInfo.downstream("SERVED_BY")).isEqualTo("x");
    assertThat(metaInfo.downstream("raw")).isEqualTo("z");
    assertThatThrownBy(() -> new Received(metaInfo, Names.RPC).rawBackward("c", "1"))
        .hasMessage("metainfo: 3 entries with c (limit: 2)");
  }

  @Test
  void aForkMadeBetweenTwoMessagesKeepsWhatItHad() {
    MetaInfo metaInfo = MetaInfo.create();
    Received first = new Received(metaInfo, Names.RPC);
    first.forward("RPC_PERSIST_a", "1");
    first.deliver();
    MetaInfo fork = metaInfo.fork();

    Received second = new Received(metaInfo, Names.RPC);
    second.forward("RPC_PERSIST_a", "2");
    second.forward("RPC_PERSIST_b", "3");
    second.deliver();

    assertThat(persistents(fork)).containsExactly(Map.entry("a", "1"));
    assertThat(persistents(metaInfo)).containsExactly(Map.entry("a", "2"), Map.entry("b", "3"));
  }
}
