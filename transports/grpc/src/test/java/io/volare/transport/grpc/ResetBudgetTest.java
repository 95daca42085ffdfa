package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResetBudgetTest {
  private static final long SECOND = 1_000_000_000L;

  private final ResetBudget budget = new ResetBudget(200, 0);

  @Test
  void twoHundredAtOnceAreAllowedAndOneMoreIsNot() {
    for (int i = 0; i < 200; i++) {
      assertThat(budget.spend(0)).isTrue();
    }

    assertThat(budget.spend(0)).isFalse();
  }

  @Test
  void thirtySecondsLaterItIsFullAgain() {
    for (int i = 0; i < 200; i++) {
      budget.spend(0);
    }
    for (int i = 0; i < 200; i++) {
      assertThat(budget.spend(30 * SECOND)).as("reset %d", i).isTrue();
    }

    assertThat(budget.spend(30 * SECOND)).isFalse();
  }

  @Test
  void aThousandCallsASecondOfWhichOneInAHundredIsGivenUpGoOnForever() {
    for (long call = 1; call <= 600_000; call++) {
      long now = call * SECOND / 1_000;
      if (call % 100 == 0) {
        assertThat(budget.spend(now)).as("call %d", call).isTrue();
      } else {
        budget.endedWell();
      }
    }
  }

  @Test
  void allCallsThatWereGivenUpInOneMomentAreForgiven() {
    for (long call = 1; call <= 600_000; call++) {
      long now = call * SECOND / 1_000;
      if (call % 10_000 < 100) {
        assertThat(budget.spend(now)).as("call %d", call).isTrue();
      } else {
        budget.endedWell();
      }
    }
  }

  @Test
  void whoResetsEveryOtherCallIsCutOffWithinASecond() {
    int resets = 0;
    for (long call = 1; ; call++) {
      long now = call * SECOND / 1_000;
      if (call % 2 == 0) {
        budget.endedWell();
      } else if (budget.spend(now)) {
        resets++;
      } else {
        assertThat(now).isLessThan(SECOND);
        break;
      }
    }
    assertThat(resets).isBetween(200, 230);
  }
}
