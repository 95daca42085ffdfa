package io.volare.transport.thrift;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpareArraysTest {
  private final SpareArrays arrays = new SpareArrays();

  @Test
  void anArrayHasTheBytesThatWereAskedForAndNotTwiceAsMany() {
    for (int bytes = 0; bytes <= 2 * SpareArrays.LONGEST; bytes++) {
      int length = arrays.take(bytes).length;
      assertThat(length).isBetween(bytes, Math.max(256, 2 * bytes));
    }
  }

  @Test
  void whatWasGivenBackIsTakenAgainTheLastOneFirst() {
    byte[] first = arrays.take(1_000);
    byte[] second = arrays.take(1_000);
    arrays.giveBack(first);
    arrays.giveBack(second);

    assertThat(arrays.take(700)).isSameAs(second);
    assertThat(arrays.take(1_024)).isSameAs(first);
    assertThat(arrays.take(1_024)).isNotSameAs(first);
  }

  @Test
  void anArrayOfAnotherLengthIsNotKept() {
    for (int length : new int[] {0, 1, 255, 257, 1_000, SpareArrays.LONGEST + 1, 16_384}) {
      byte[] foreign = new byte[length];
      arrays.giveBack(foreign);
      assertThat(arrays.take(length)).isNotSameAs(foreign);
    }
  }

  @Test
  void aBurstLeavesNoMoreThanABoundedNumber() {
    List<byte[]> burst = new ArrayList<>();
    IdentityHashMap<byte[], Boolean> given = new IdentityHashMap<>();
    for (int i = 0; i < 10_000; i++) {
      burst.add(arrays.take(500));
    }
    for (byte[] array : burst) {
      arrays.giveBack(array);
      given.put(array, true);
    }

    int kept = 0;
    while (given.containsKey(arrays.take(500))) {
      kept++;
    }
    assertThat(kept).isEqualTo(128);
  }
}
