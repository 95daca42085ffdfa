package io.volare.transport.thrift;

import io.netty.channel.ChannelFuture;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcContext;
import io.volare.rpc.EndpointHealth.Signal;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.PeerDrain;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Connections that carry one call at a time. The one used last is used first, so that those that
 * are not needed grow idle and go.
 *
 * <p>A permit stands for a connection in use, and no connection is made while an idle one is left:
 * so there are never more than permits. The lock guards the idle ones and is never held while
 * anything blocks.
 */
final class PingPongPool implements ConnectionPool {
  private final ClientCore core;
  private final Endpoint endpoint;
  private final ThriftClientConfig config;
  private final PeerDrain peerDrain = new PeerDrain();
  private final Semaphore permits;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<ClientConnection> idle = new ArrayDeque<>();
  private boolean retired;

  PingPongPool(ClientCore core, Endpoint endpoint) {
    this.core = core;
    this.endpoint = endpoint;
    this.config = core.config();
    this.permits = new Semaphore(config.connections(), true);
  }

  @Override
  public ClientConnection acquire(RpcContext context, Deadline deadline)
      throws InterruptedException {
    takePermit(context, deadline);
    ClientConnection connection = null;
    try {
      connection = pollIdle();
      if (connection == null) {
        connection = connect(context, deadline);
      }
      return connection;
    } finally {
      if (connection == null) {
        permits.release();
      }
    }
  }

  private void takePermit(RpcContext context, Deadline deadline) throws InterruptedException {
    if (!permits.hasQueuedThreads() && permits.tryAcquire()) {
      return;
    }
    long remaining = deadline.remainingNanos();
    if (!permits.tryAcquire(remaining, TimeUnit.NANOSECONDS)) {
      throw RpcException.notExecuted(
          Kind.DEADLINE_EXCEEDED,
          "%s: no free connection after %d ms (limit: %d connections)"
              .formatted(
                  context.target(), Math.max(0, remaining) / 1_000_000, config.connections()));
    }
  }

  private @Nullable ClientConnection pollIdle() {
    long now = System.nanoTime();
    lock.lock();
    try {
      for (ClientConnection candidate = idle.pollLast();
          candidate != null;
          candidate = idle.pollLast()) {
        if (isFresh(candidate, now)) {
          return candidate;
        }
        candidate.close();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private boolean isFresh(ClientConnection connection, long now) {
    return connection.isTaking()
        && now - connection.usedNanos < config.idle().toNanos()
        && now - connection.openedNanos() < config.maxAge().toNanos();
  }

  private ClientConnection connect(RpcContext context, Deadline deadline)
      throws InterruptedException {
    peerDrain.checkConnect(context);
    ClientConnection connection = new ClientConnection(core, endpoint, 1, peerDrain, this::closed);
    ChannelFuture connecting =
        core.connector().start(endpoint.address(), connection, context.target());
    boolean done = false;
    try {
      core.connector().await(connecting, context.target(), deadline);
      done = true;
      return connection;
    } finally {
      if (!done && !connecting.cancel(false)) {
        connecting.channel().close();
        if (!connecting.isSuccess()) {
          core.health().report(endpoint, Signal.REFUSED);
        }
      }
    }
  }

  @Override
  public void release(ClientConnection connection, boolean reusable) {
    boolean kept = false;
    lock.lock();
    try {
      if (reusable && !retired && connection.isTaking()) {
        connection.usedNanos = System.nanoTime();
        kept = true;
        idle.addLast(connection);
      }
    } finally {
      lock.unlock();
    }
    permits.release();
    if (!kept) {
      connection.close();
    }
  }

  private void closed(ClientConnection connection) {
    lock.lock();
    try {
      idle.removeLastOccurrence(connection);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean evict(long now) {
    List<ClientConnection> stale = new ArrayList<>();
    boolean none;
    lock.lock();
    try {
      idle.removeIf(connection -> !isFresh(connection, now) && stale.add(connection));
      none = idle.isEmpty() && permits.availablePermits() == config.connections();
    } finally {
      lock.unlock();
    }
    stale.forEach(ClientConnection::close);
    return none && !peerDrain.isOn();
  }

  @Override
  public void retire() {
    lock.lock();
    try {
      retired = true;
      idle.forEach(ClientConnection::close);
      idle.clear();
    } finally {
      lock.unlock();
    }
  }
}
