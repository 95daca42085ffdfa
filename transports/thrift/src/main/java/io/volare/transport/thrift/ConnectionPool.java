package io.volare.transport.thrift;

import io.volare.motore.Deadline;
import io.volare.rpc.RpcContext;

/** The connections of one client to one endpoint. Thread-safe. */
sealed interface ConnectionPool permits PingPongPool, MultiplexedPool {
  /**
   * {@return a connection for one request}
   *
   * @throws InterruptedException if the call was cancelled while it waited
   * @throws io.volare.rpc.RpcException if there is none; nothing was sent
   */
  ClientConnection acquire(RpcContext context, Deadline deadline) throws InterruptedException;

  /** Gives back what {@link #acquire} gave; {@code reusable} if no reply is outstanding. */
  void release(ClientConnection connection, boolean reusable);

  /**
   * Closes connections that were not used for too long.
   *
   * @return whether none is left
   */
  boolean evict(long now);

  /** From now on connections that are given back are closed. */
  void retire();
}
