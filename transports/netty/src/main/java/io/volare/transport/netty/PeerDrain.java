package io.volare.transport.netty;

import io.volare.motore.Failure.Kind;
import io.volare.motore.Time;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.util.concurrent.TimeUnit;

/**
 * Whether a client's peer has said that it is shutting down. A second later it counts as another
 * one at the same address. Thread-safe.
 */
public final class PeerDrain {
  private static final long LASTS_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Time time;
  private volatile boolean said;
  private volatile long saidNanos;

  /** A peer that has said nothing. */
  public PeerDrain() {
    this(Time.SYSTEM);
  }

  PeerDrain(Time time) {
    this.time = time;
  }

  /** The peer says so. */
  public void begin() {
    saidNanos = time.nanos();
    said = true;
  }

  /** {@return whether it has said so a moment ago} */
  public boolean isOn() {
    if (said && time.nanos() - saidNanos >= LASTS_NANOS) {
      said = false;
    }
    return said;
  }

  /**
   * Asked before another connection is made to the peer. A call that can go nowhere else connects
   * all the same: there may be another one behind the address.
   *
   * @throws RpcException of kind {@code UNAVAILABLE}, nothing was sent, if the peer is shutting
   *     down and the call may go to another one
   */
  public void checkConnect(RpcContext context) {
    if (isOn() && context.isOneOfSeveral()) {
      throw RpcException.notExecuted(
          Kind.UNAVAILABLE, context.target() + ": not sent: the server is shutting down");
    }
  }
}
