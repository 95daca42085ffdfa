package io.volare.registry.dns;

import io.volare.registry.dns.Lookup.Answer;
import io.volare.rpc.Address;
import io.volare.rpc.EndpointFeed;
import io.volare.rpc.EndpointHealth.Signal;
import io.volare.rpc.EndpointSet;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * One service, looked up by one virtual thread for all who watch it. What is not said to be
 * thread-safe belongs to that thread.
 */
final class WatchedName {
  private static final System.Logger LOG = System.getLogger(DnsDiscovery.class.getName());
  private static final long COMPLAINTS_APART_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final String service;
  private final DnsName name;
  private final DnsConfig config;
  private final Lookup lookup;
  private final KnownEndpoints known;
  private final Schedule schedule;
  private final Pause pause;
  private final Thread thread;
  private final EndpointFeed feed = EndpointFeed.create();
  private volatile boolean askedSooner;
  private volatile boolean closed;
  private int failures;
  private long failingSinceNanos;
  private long complainAgainNanos;
  private boolean complained;

  WatchedName(String service, DnsName name, DnsConfig config, Resolver resolver) {
    this.service = service;
    this.name = name;
    this.config = config;
    this.lookup = new Lookup(name, config, resolver);
    this.known = new KnownEndpoints(config.refresh().doubt());
    this.schedule = new Schedule(config.refresh(), () -> ThreadLocalRandom.current().nextLong());
    this.pause = new Pause(config.time());
    this.complainAgainNanos = config.time().nanos();
    this.thread = Thread.ofVirtual().name("volare-dns-" + service).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** {@return who is told} Thread-safe. */
  EndpointFeed feed() {
    return feed;
  }

  /** Ends the lookups; no listener hears anything once this returns. Thread-safe. */
  void close() {
    closed = true;
    thread.interrupt();
    feed.close();
  }

  /**
   * Looks up soon if a transport lost an instance of this service. Thread-safe, returns at once.
   */
  void noticed(Address address, Signal signal) {
    if (!known.knows(address)) {
      return;
    }
    boolean news =
        switch (signal) {
          case REFUSED -> known.refuses(address);
          case CONNECTED -> known.accepts(address);
          case LOST, DRAINING -> false;
        };
    if (signal == Signal.REFUSED || signal == Signal.LOST) {
      askedSooner = true;
      news = true;
    }
    if (news) {
      pause.wake();
    }
  }

  /** Waits a little for the thread of a closed name to end. */
  void awaitEnd() throws InterruptedException {
    if (Thread.currentThread() != thread) {
      thread.join(Duration.ofSeconds(1));
    }
  }

  private void run() {
    try {
      while (!closed) {
        askedSooner = false;
        Duration next = lookUpAndPublish();
        waitUntilDue(config.time().nanos(), next);
      }
    } catch (InterruptedException cancelled) {
      Thread.currentThread().interrupt(); // closed: nobody else knows this thread
    }
  }

  /** A listener that throws, against its contract, must not end the lookups. */
  private Duration lookUpAndPublish() throws InterruptedException {
    try {
      Duration next = lookUp();
      publish();
      return next;
    } catch (RuntimeException unforeseen) {
      if (!closed) {
        LOG.log(System.Logger.Level.ERROR, () -> this + ": a lookup broke off", unforeseen);
      }
      return config.refresh().ceiling();
    }
  }

  private Duration lookUp() throws InterruptedException {
    Answer answer = lookup.answer();
    long nowNanos = config.time().nanos();
    if (answer.problem() == null) {
      recovered(nowNanos);
    } else {
      failed(answer.problem(), nowNanos);
    }
    if (!answer.saysNothing()) {
      int before = known.size();
      known.learn(answer.endpoints(), nowNanos);
      if (known.isInDoubt()) {
        config.listener().doubted(service, before, answer.endpoints().size());
      }
    }
    return schedule.next(answer.ttlSeconds(), known.isInDoubt(), failures);
  }

  private void failed(LookupException problem, long nowNanos) {
    failures++;
    if (failures == 1) {
      failingSinceNanos = nowNanos;
    }
    config.listener().failed(service, problem);
    if (nowNanos - complainAgainNanos < 0) {
      return;
    }
    complainAgainNanos = nowNanos + COMPLAINTS_APART_NANOS;
    complained = true;
    LOG.log(
        System.Logger.Level.WARNING,
        () ->
            this
                + ": "
                + problem.getMessage()
                + (known.size() == 0 ? "; no instance is known" : "; what is known stays in force")
                + " (instances: "
                + known.size()
                + ", failing for "
                + seconds(nowNanos - failingSinceNanos)
                + " s)");
  }

  private void recovered(long nowNanos) {
    failures = 0;
    if (complained) {
      complained = false;
      LOG.log(
          System.Logger.Level.INFO,
          () -> this + ": answered again after " + seconds(nowNanos - failingSinceNanos) + " s");
    }
  }

  private static long seconds(long nanos) {
    return TimeUnit.NANOSECONDS.toSeconds(nanos);
  }

  private void publish() {
    if (known.isNothingYet()) {
      return;
    }
    EndpointSet set = new EndpointSet(service, known.inForce());
    if (feed.publish(set)) {
      config.listener().updated(set);
    }
  }

  private void waitUntilDue(long lookedUpNanos, Duration next) throws InterruptedException {
    while (!closed) {
      Duration due = askedSooner ? config.refresh().floor() : next;
      Duration left = due.minusNanos(config.time().nanos() - lookedUpNanos);
      if (!left.isPositive()) {
        return;
      }
      pause.sleep(left);
      publish(); // what transports noticed may change which priority is in force
    }
  }

  @Override
  public String toString() {
    return name.toString().equals(service) ? service : service + " (" + name + ")";
  }
}
