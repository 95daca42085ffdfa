package io.volare.transport.contract;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Service;
import io.volare.rpc.Lifecycle;
import io.volare.rpc.RpcContext;
import org.jspecify.annotations.Nullable;

/**
 * A server that runs, and a client of it.
 *
 * @param server started and ready
 * @param client sends to that server without being told where
 * @param closing ends what the client holds; nothing for a client that holds nothing
 */
public record Running(
    Lifecycle server, Service<RpcContext, Object, @Nullable Object> client, Runnable closing) {
  /** Checks that all are there. */
  public Running {
    requireNonNull(server, "server");
    requireNonNull(client, "client");
    requireNonNull(closing, "closing");
  }
}
