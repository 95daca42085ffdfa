package io.volare.motore;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A stack of layers in the order in which a request meets them: the first added is the outermost.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.motore.MotoreSnippetsTest region=stack}
 *
 * <p>Immutable; every method returns a new builder. {@code toString} prints the stack. The order is
 * checked against {@link Layer#placement()} when the service is built.
 *
 * @param <C> the context
 * @param <Q> the request
 * @param <R> the response
 */
public final class ServiceBuilder<
    C extends @Nullable Object, Q extends @Nullable Object, R extends @Nullable Object> {
  private final List<Layer<C, Q, R>> layers;
  private final boolean checked;
  private final boolean mayBlock;

  private ServiceBuilder(List<Layer<C, Q, R>> layers, boolean checked, boolean mayBlock) {
    this.layers = layers;
    this.checked = checked;
    this.mayBlock = mayBlock;
  }

  /** {@return an empty stack} */
  public static <C extends @Nullable Object, Q extends @Nullable Object, R extends @Nullable Object>
      ServiceBuilder<C, Q, R> create() {
    return new ServiceBuilder<>(List.of(), true, true);
  }

  /** {@return this stack with {@code layer} inside all that are in it} */
  public ServiceBuilder<C, Q, R> layer(Layer<C, Q, R> layer) {
    List<Layer<C, Q, R>> longer = new ArrayList<>(layers);
    longer.add(requireNonNull(layer, "layer"));
    return new ServiceBuilder<>(List.copyOf(longer), checked, mayBlock);
  }

  /** {@return this stack with the layer inside all that are in it, if there is one} */
  public ServiceBuilder<C, Q, R> layer(Optional<? extends Layer<C, Q, R>> layer) {
    return layer.isPresent() ? layer(layer.get()) : this;
  }

  /**
   * {@return this stack with {@code layer} inside all that are in it, for the calls whose context
   * passes {@code condition}; the others go past it}
   */
  public ServiceBuilder<C, Q, R> layerWhen(Predicate<? super C> condition, Layer<C, Q, R> layer) {
    return layer(new ConditionalLayer<>(condition, layer));
  }

  /** {@return this stack, whose order is no longer checked: the caller knows better} */
  public ServiceBuilder<C, Q, R> inAnyOrder() {
    return new ServiceBuilder<>(layers, false, mayBlock);
  }

  /**
   * {@return this stack, for a thread that must not block, as an event loop} No layer may stand in
   * it that {@linkplain Layer#blocks sleeps, waits or interrupts}, whatever the order.
   */
  public ServiceBuilder<C, Q, R> nonBlocking() {
    return new ServiceBuilder<>(layers, checked, false);
  }

  /** {@return the layers, outermost first} */
  public List<Layer<C, Q, R>> layers() {
    return layers;
  }

  /**
   * {@return {@code innermost} with every layer around it}
   *
   * @throws IllegalStateException if two layers stand in an order that their placements exclude, or
   *     if a layer blocks in a stack that must not; says the reasons
   */
  public Service<C, Q, R> service(Service<C, Q, R> innermost) {
    if (checked) {
      checkOrder();
    }
    if (!mayBlock) {
      layers.stream().filter(Layer::blocks).findFirst().ifPresent(this::refuse);
    }
    Service<C, Q, R> service = requireNonNull(innermost, "innermost");
    for (Layer<C, Q, R> layer : layers.reversed()) {
      service = layer.wrap(service);
    }
    return service;
  }

  private void checkOrder() {
    for (int outer = 0; outer < layers.size(); outer++) {
      for (int inner = outer + 1; inner < layers.size(); inner++) {
        checkOrder(layers.get(outer), layers.get(inner));
      }
    }
  }

  private void checkOrder(Layer<C, Q, R> outer, Layer<C, Q, R> inner) {
    if (!outer.placement().mayStandOutside(inner.placement())) {
      throw new IllegalStateException(
          "%s stands outside %s, in the stack %s. %s: %s. %s: %s. Swap them, or call inAnyOrder()."
              .formatted(
                  outer,
                  inner,
                  this,
                  outer,
                  outer.placement().reason(),
                  inner,
                  inner.placement().reason()));
    }
  }

  private void refuse(Layer<C, Q, R> blocking) {
    throw new IllegalStateException(
        "%s may block or interrupt its thread, which the stack %s must not. Leave it out, or run the"
                .formatted(blocking, this)
            + " calls on threads that may block.");
  }

  @Override
  public String toString() {
    return layers.isEmpty()
        ? "(no layers)"
        : layers.stream().map(Object::toString).collect(joining(" > "));
  }
}
