package io.volare.examples.customstack;

import io.volare.motore.Failure;
import io.volare.motore.Layer;
import io.volare.motore.Placement;
import io.volare.motore.Service;
import io.volare.rpc.RpcContext;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A layer of one's own: one line for each call, and how it ended. */
final class AuditLayer implements Layer<RpcContext, Object, @Nullable Object> {
  private final Consumer<String> journal;

  AuditLayer(Consumer<String> journal) {
    this.journal = journal;
  }

  @Override
  public Service<RpcContext, Object, @Nullable Object> wrap(
      Service<RpcContext, Object, @Nullable Object> inner) {
    return (context, request) -> {
      try {
        Object response = inner.call(context, request);
        journal.accept(context.target() + " answered");
        return response;
      } catch (Exception failure) {
        journal.accept(context.target() + " failed: " + Failure.kindOf(failure));
        throw failure;
      }
    };
  }

  @Override
  public Placement placement() {
    return Placement.perCall("one line for a call, however many attempts it takes");
  }

  @Override
  public String toString() {
    return "Audit";
  }
}
