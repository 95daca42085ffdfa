package io.volare.interop;

import io.volare.rpc.EndpointHealth;
import io.volare.rpc.RpcClient;

/** The calls that {@link SteadyLoad} sends over one kind of connection. Thread-safe. */
interface Traffic extends AutoCloseable {
  /** Builds the client; its transport tells {@code health} what it sees. */
  void start(EndpointHealth health, RpcClient.Builder client);

  /**
   * Makes one call.
   *
   * @param millis how long the server shall take, about
   * @return whether the answer was that of this call
   */
  boolean call(long number, int millis) throws Exception;

  /** {@return whether the protocol lets a server go without losing a call} */
  boolean losesNone();

  @Override
  void close();
}
