package io.volare.motore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ServiceBuilderTest {
  private static Layer<CallContext, String, String> tag(String name, Placement placement) {
    return new Layer<>() {
      @Override
      public Service<CallContext, String, String> wrap(Service<CallContext, String, String> inner) {
        return (context, request) -> name + "(" + inner.call(context, request) + ")";
      }

      @Override
      public Placement placement() {
        return placement;
      }

      @Override
      public String toString() {
        return name;
      }
    };
  }

  private static ServiceBuilder<CallContext, String, String> stack() {
    return ServiceBuilder.create();
  }

  @Test
  void wrapsTheFirstAddedLayerOutermost() throws Exception {
    Service<CallContext, String, String> service =
        stack()
            .layer(tag("a", Placement.EITHER))
            .layer(tag("b", Placement.EITHER))
            .service(Services.of(request -> request));

    assertThat(service.call(CallContext.standalone("echo"), "x")).isEqualTo("a(b(x))");
  }

  @Test
  void refusesAnAttemptLayerOutsideACallLayerAndSaysBothReasons() {
    ServiceBuilder<CallContext, String, String> wrong =
        stack()
            .layer(tag("Balance", Placement.perAttempt("each attempt picks an endpoint")))
            .layer(tag("Deadline", Placement.perCall("it covers all attempts")));

    assertThatThrownBy(() -> wrong.service(Services.of(request -> request)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Balance > Deadline")
        .hasMessageContaining("each attempt picks an endpoint")
        .hasMessageContaining("it covers all attempts");
  }

  private static Layer<CallContext, String, String> sleeping() {
    return new Layer<>() {
      @Override
      public Service<CallContext, String, String> wrap(Service<CallContext, String, String> inner) {
        return inner;
      }

      @Override
      public boolean blocks() {
        return true;
      }

      @Override
      public String toString() {
        return "Sleeping";
      }
    };
  }

  @Test
  void refusesALayerThatBlocksInAStackThatMustNot() {
    ServiceBuilder<CallContext, String, String> wrong =
        stack().layer(tag("a", Placement.EITHER)).layer(sleeping()).nonBlocking().inAnyOrder();

    assertThatThrownBy(() -> wrong.service(Services.of(request -> request)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Sleeping may block or interrupt its thread, which the stack a > Sleeping must not."
                + " Leave it out, or run the calls on threads that may block.");
  }

  @Test
  void aConditionalLayerBlocksIfItsLayerDoes() {
    ServiceBuilder<CallContext, String, String> wrong =
        stack().nonBlocking().layerWhen(CallContext::idempotent, sleeping());

    assertThatThrownBy(() -> wrong.service(Services.of(request -> request)))
        .hasMessageStartingWith("Sleeping? may block");
  }

  @Test
  void aStackThatMustNotBlockTakesWhatDoesNot() throws Exception {
    Service<CallContext, String, String> service =
        stack()
            .nonBlocking()
            .layer(tag("a", Placement.EITHER))
            .layer(inner -> inner)
            .service(Services.of(request -> request));

    assertThat(service.call(CallContext.standalone("echo"), "x")).isEqualTo("a(x)");
  }

  @Test
  void printsTheStackInTheOrderARequestMeetsIt() {
    assertThat(stack().layer(tag("a", Placement.EITHER)).layer(tag("b", Placement.EITHER)))
        .hasToString("a > b");
  }
}
