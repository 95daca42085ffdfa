package io.volare.transport.thrift;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.volare.motore.Deadline;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcContext;
import io.volare.rpc.EndpointHealth.Signal;
import io.volare.transport.netty.Loops;
import io.volare.transport.netty.PeerDrain;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of connections that carry many calls each. Calls take them in turn, but where some
 * wait to be written others join them, up to what one system call is worth: what goes out together
 * comes back together, too. A caller that an event loop carries takes one of that loop, where there
 * is one: then nothing is handed over between threads, neither the request nor the reply. Only who
 * finds a connection missing takes its lock, to connect or to join who does so already.
 */
final class MultiplexedPool implements ConnectionPool {
  private final ClientCore core;
  private final Endpoint endpoint;
  private final ThriftClientConfig config;
  private final PeerDrain peerDrain = new PeerDrain();
  private final Place[] places;

  /** Whose turn it was last; a lost update does no harm. */
  private int turn;

  private volatile boolean retired;

  MultiplexedPool(ClientCore core, Endpoint endpoint) {
    this.core = core;
    this.endpoint = endpoint;
    this.config = core.config();
    places = new Place[config.connections()];
    for (int i = 0; i < places.length; i++) {
      places[i] = new Place();
    }
  }

  @Override
  public ClientConnection acquire(RpcContext context, Deadline deadline)
      throws InterruptedException {
    EventLoop carrier = Loops.carrier();
    ClientConnection filling = places[Math.floorMod(turn, places.length)].current;
    if (filling != null
        && filling.isTaking()
        && filling.isBatchOpen()
        && (carrier == null || filling.isOn(carrier))) {
      return filling;
    }
    Place place = next(carrier);
    ClientConnection current = place.current;
    return current != null && current.isTaking() ? current : place.connected(context, deadline);
  }

  /** {@return whose turn it is: a place whose connection is on {@code carrier}, or missing} */
  private Place next(@Nullable EventLoop carrier) {
    int first = turn + 1;
    if (carrier != null) {
      for (int i = first; i != first + places.length; i++) {
        Place place = places[Math.floorMod(i, places.length)];
        ClientConnection current = place.current;
        if (current == null || !current.isTaking() || current.isOn(carrier)) {
          turn = i;
          return place;
        }
      }
    }
    turn = first;
    return places[Math.floorMod(first, places.length)];
  }

  @Override
  public void release(ClientConnection connection, boolean reusable) {
    if (retired) {
      connection.drain();
    }
  }

  @Override
  public boolean evict(long now) {
    boolean none = true;
    for (Place place : places) {
      ClientConnection current = place.current;
      if (current != null && current.isTaking()) {
        none = false;
        place.drainIfIdleOrOld(current, now);
      }
    }
    return none && !peerDrain.isOn();
  }

  @Override
  public void retire() {
    retired = true;
    for (Place place : places) {
      ClientConnection current = place.current;
      if (current != null) {
        current.drain();
      }
    }
  }

  /** Where one connection is, or will be again. */
  private final class Place {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable ClientConnection current;
    private @Nullable ClientConnection opening;
    private @Nullable ChannelFuture connecting;

    /**
     * What the sweeper saw last: when the count of ids, which grows with each call, had changed.
     */
    private int seenIds;

    private long changedNanos;

    void drainIfIdleOrOld(ClientConnection connection, long now) {
      int ids = connection.pending().ids();
      if (ids != seenIds || !connection.pending().isEmpty()) {
        seenIds = ids;
        changedNanos = now;
      } else if (now - changedNanos > config.idle().toNanos()) {
        connection.drain();
      }
      if (now - connection.openedNanos() > config.maxAge().toNanos()) {
        connection.drain();
      }
    }

    ClientConnection connected(RpcContext context, Deadline deadline) throws InterruptedException {
      ChannelFuture joined;
      ClientConnection made;
      lock.lockInterruptibly();
      try {
        ClientConnection already = current;
        if (already != null && already.isTaking()) {
          return already;
        }
        if (connecting == null || opening == null) {
          peerDrain.checkConnect(context);
          opening = new ClientConnection(core, endpoint, config.pending(), peerDrain, closed -> {});
          connecting = core.connector().start(endpoint.address(), opening, context.target());
        }
        joined = connecting;
        made = opening;
      } finally {
        lock.unlock();
      }
      try {
        core.connector().await(joined, context.target(), deadline);
        return made;
      } finally {
        if (joined.isDone()) {
          settle(joined, made);
        }
      }
    }

    /** The first of those who waited for it makes the outcome known to all others. */
    private void settle(ChannelFuture joined, ClientConnection made) {
      lock.lock();
      try {
        if (connecting != joined) {
          return;
        }
        connecting = null;
        opening = null;
        if (joined.isSuccess()) {
          current = made;
        } else {
          core.health().report(endpoint, Signal.REFUSED);
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
