package io.volare.benchmarks;

import io.volare.motore.Layer;
import io.volare.motore.Service;
import io.volare.rpc.RpcContext;
import org.jspecify.annotations.Nullable;

/** Does nothing. */
final class IdleLayer implements Layer<RpcContext, Object, @Nullable Object> {
  @Override
  public Service<RpcContext, Object, @Nullable Object> wrap(
      Service<RpcContext, Object, @Nullable Object> inner) {
    return (context, request) -> inner.call(context, request);
  }
}
