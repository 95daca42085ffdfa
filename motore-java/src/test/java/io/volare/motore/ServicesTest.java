package io.volare.motore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.testing.ScriptedService;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ServicesTest {
  private final CallContext context = CallContext.standalone("echo");
  private final ScriptedService<CallContext, String, String> inner = ScriptedService.create();

  @Test
  void changesTheRequestOnTheWayInAndTheResponseOnTheWayOut() throws Exception {
    inner.returns("41");

    Service<CallContext, Integer, Integer> service =
        Services.mapResponse(
            Services.mapRequest(inner, (Integer number) -> "n" + number), Integer::parseInt);

    assertThat(service.call(context, 7)).isEqualTo(41);
    assertThat(inner.requests()).containsExactly("n7");
  }

  @Test
  void changesAFailureAndKeepsItAsTheCause() {
    inner.fails(new IOException("lost"));

    Service<CallContext, String, String> service =
        Services.mapFailure(inner, failure -> new IllegalStateException("mapped", failure));

    assertThatThrownBy(() -> service.call(context, "x"))
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("lost");
  }

  @Test
  void interruptionIsNoFailureToChange() {
    inner.fails(new InterruptedException("stop"));

    Service<CallContext, String, String> service =
        Services.mapFailure(inner, failure -> new IllegalStateException("mapped", failure));

    assertThatThrownBy(() -> service.call(context, "x"))
        .isInstanceOf(InterruptedException.class)
        .hasMessage("stop");
  }

  @Test
  void sendsARequestToOneOfTwo() throws Exception {
    Service<CallContext, String, String> service =
        Services.either(String::isEmpty, Services.of(any -> "empty"), Services.of(any -> "full"));

    assertThat(service.call(context, "")).isEqualTo("empty");
    assertThat(service.call(context, "x")).isEqualTo("full");
  }
}
