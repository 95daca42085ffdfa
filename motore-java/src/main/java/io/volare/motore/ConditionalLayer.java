package io.volare.motore;

import static java.util.Objects.requireNonNull;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A layer for the calls that pass a condition. */
record ConditionalLayer<
        C extends @Nullable Object, Q extends @Nullable Object, R extends @Nullable Object>(
    Predicate<? super C> condition, Layer<C, Q, R> layer) implements Layer<C, Q, R> {
  ConditionalLayer {
    requireNonNull(condition, "condition");
    requireNonNull(layer, "layer");
  }

  @Override
  public Service<C, Q, R> wrap(Service<C, Q, R> inner) {
    Service<C, Q, R> layered = layer.wrap(inner);
    return (context, request) -> (condition.test(context) ? layered : inner).call(context, request);
  }

  @Override
  public Placement placement() {
    return layer.placement();
  }

  @Override
  public boolean blocks() {
    return layer.blocks();
  }

  @Override
  public String toString() {
    return layer + "?";
  }
}
