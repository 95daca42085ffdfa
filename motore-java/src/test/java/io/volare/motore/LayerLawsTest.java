package io.volare.motore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LayerLawsTest {
  private final List<String> wrapped = new ArrayList<>();
  private final CallContext context = CallContext.standalone("echo");

  private Layer<CallContext, String, String> tag(String name) {
    return inner -> {
      wrapped.add(name);
      return (context, request) -> name + "(" + inner.call(context, request) + ")";
    };
  }

  private static ServiceBuilder<CallContext, String, String> stack() {
    return ServiceBuilder.create();
  }

  private String answer(ServiceBuilder<CallContext, String, String> stack) throws Exception {
    return stack.service(Services.of(request -> request)).call(context, "x");
  }

  @Test
  void identityChangesNothingOnEitherSide() throws Exception {
    Layer<CallContext, String, String> identity = Layer.identity();

    assertThat(answer(stack().layer(identity).layer(tag("a")))).isEqualTo("a(x)");
    assertThat(answer(stack().layer(tag("a")).layer(identity))).isEqualTo("a(x)");
    Service<CallContext, String, String> service = Services.of(request -> request);
    assertThat(identity.wrap(service)).isSameAs(service);
  }

  @Test
  void groupingDoesNotMatter() throws Exception {
    Layer<CallContext, String, String> a = tag("a");
    Layer<CallContext, String, String> b = tag("b");
    Layer<CallContext, String, String> c = tag("c");
    Layer<CallContext, String, String> ab = inner -> a.wrap(b.wrap(inner));
    Layer<CallContext, String, String> bc = inner -> b.wrap(c.wrap(inner));

    assertThat(answer(stack().layer(ab).layer(c)))
        .isEqualTo(answer(stack().layer(a).layer(bc)))
        .isEqualTo("a(b(c(x)))");
  }

  @Test
  void eachLayerWrapsOnceHoweverManyCallsFollow() throws Exception {
    Service<CallContext, String, String> service =
        stack().layer(tag("a")).layer(tag("b")).service(Services.of(request -> request));

    service.call(context, "1");
    service.call(context, "2");

    assertThat(wrapped).containsExactly("b", "a");
  }

  @Test
  void aBuilderIsNotChangedByWhatIsAddedToIt() throws Exception {
    ServiceBuilder<CallContext, String, String> base = stack().layer(tag("a"));

    base.layer(tag("b"));

    assertThat(answer(base)).isEqualTo("a(x)");
  }

  @Test
  void takesALayerThatMayBeAbsent() throws Exception {
    assertThat(answer(stack().layer(Optional.of(tag("a"))).layer(Optional.empty())))
        .isEqualTo("a(x)");
  }

  @Test
  void appliesAConditionalLayerToTheCallsThatPass() throws Exception {
    Service<CallContext, String, String> service =
        stack()
            .layerWhen(call -> call.target().equals("echo"), tag("a"))
            .service(Services.of(request -> request));

    assertThat(service.call(context, "x")).isEqualTo("a(x)");
    assertThat(service.call(CallContext.standalone("other"), "x")).isEqualTo("x");
    assertThat(wrapped).containsExactly("a");
  }

  @Test
  void anEmptyStackPrintsItself() {
    assertThat(stack()).hasToString("(no layers)");
    assertThat(stack().layer(Layer.identity())).hasToString("Identity");
  }

  @Test
  void refusesALayerThatIsNull() {
    assertThatThrownBy(() -> stack().layer((Layer<CallContext, String, String>) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("layer");
  }
}
