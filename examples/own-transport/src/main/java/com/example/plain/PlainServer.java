package com.example.plain;

import io.volare.motore.Failure.Kind;
import io.volare.motore.Time;
import io.volare.rpc.Endpoint;
import io.volare.rpc.Lifecycle;
import io.volare.rpc.RpcException;
import io.volare.rpc.ServiceBinding;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The server's side: one virtual thread for each connection, which is one call. Thread-safe.
 *
 * <p>It drains by taking no more connections and waiting for those it has: each is a call.
 */
public final class PlainServer implements Lifecycle {
  private static final int MOST_CONNECTIONS = 4_096;

  /** While all places are taken nobody accepts, and there is nothing to wait for. */
  private static final Duration LET_GO = Duration.ofSeconds(1);

  private final ServiceBinding service;
  private final Set<ServedCall> calls = ConcurrentHashMap.newKeySet();
  private final Semaphore places = new Semaphore(MOST_CONNECTIONS);
  private volatile @Nullable ServerSocketChannel listener;
  private volatile @Nullable Thread acceptor;
  private volatile boolean draining;

  private PlainServer(ServiceBinding service) {
    this.service = service;
  }

  /** {@return a server on a port of loopback that the system chooses, not yet started} */
  public static PlainServer of(ServiceBinding service) {
    return new PlainServer(service);
  }

  /** {@return where clients reach it} */
  public Endpoint endpoint() {
    ServerSocketChannel open = listener;
    if (open == null) {
      throw new IllegalStateException("not listening: call start() first");
    }
    return Endpoint.tcp("127.0.0.1", open.socket().getLocalPort());
  }

  @Override
  public synchronized void start() {
    if (draining) {
      throw new IllegalStateException("was stopped and does not start again: make another server");
    }
    if (listener != null) {
      return;
    }
    try {
      ServerSocketChannel open = ServerSocketChannel.open();
      open.bind(new InetSocketAddress("127.0.0.1", 0), MOST_CONNECTIONS);
      listener = open;
      // a platform thread: the port is closed with close(), not once a virtual one has noticed
      acceptor = Thread.ofPlatform().daemon().name("plain-accept").start(() -> acceptFrom(open));
    } catch (IOException taken) {
      throw RpcException.notExecuted(
          Kind.FAILED_PRECONDITION, "127.0.0.1: cannot listen here: " + taken.getMessage(), taken);
    }
  }

  private void acceptFrom(ServerSocketChannel open) {
    while (open.isOpen()) {
      try {
        places.acquireUninterruptibly(); // who comes later waits in the backlog
        SocketChannel channel = open.accept();
        ServedCall call = new ServedCall(service, channel);
        calls.add(call);
        Thread.ofVirtual().name("plain-call").start(() -> serve(call));
      } catch (IOException closed) {
        places.release();
      }
    }
  }

  private void serve(ServedCall call) {
    try {
      call.run();
    } finally {
      calls.remove(call);
      places.release();
    }
  }

  @Override
  public boolean isReady() {
    return listener != null && !draining;
  }

  @Override
  public void drain(Duration limit) throws InterruptedException {
    closeListener();
    awaitAcceptor();
    long end = Time.SYSTEM.nanos() + limit.toNanos();
    while (!calls.isEmpty() && Time.SYSTEM.nanos() < end) {
      Time.SYSTEM.sleep(Duration.ofMillis(5));
    }
  }

  @Override
  public void stop() {
    closeListener();
    calls.forEach(ServedCall::cancel);
  }

  /** A port that is closed while somebody accepts is open until that has noticed. */
  private void awaitAcceptor() throws InterruptedException {
    Thread accepting = acceptor;
    if (accepting != null) {
      accepting.join(LET_GO);
    }
  }

  private synchronized void closeListener() {
    draining = true;
    try {
      if (listener != null) {
        listener.close();
      }
    } catch (IOException unlikely) {
      throw new IllegalStateException("the listener does not close", unlikely);
    }
  }

  @Override
  public String toString() {
    return "plain " + service.service();
  }
}
