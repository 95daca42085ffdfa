package io.volare.registry.etcd;

import io.volare.motore.Deadline;
import io.volare.motore.Time.InterruptScope;
import io.volare.registry.etcd.EtcdClient.Messages;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointFeed;
import io.volare.rpc.EndpointSet;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One service, read and watched by one virtual thread for all who want to know. What is not said to
 * be thread-safe belongs to that thread.
 *
 * <p>Everything is read, then changes are heard from the next revision on. However the hearing ends
 * (the connection breaks, the revision was compacted away, some time has passed), it begins again
 * with reading everything: so nothing can be missed for longer than that time, even on a connection
 * that has died without a word.
 */
final class WatchedService {
  private static final int MOST_INSTANCES = 10_000;
  private static final Duration SOONEST = Duration.ofMillis(10);
  private static final Duration AFTER_UNFORESEEN = Duration.ofSeconds(5);

  private final String service;
  private final EtcdConfig config;
  private final EtcdClient client;
  private final String keys;
  private final Map<String, Endpoint> found = new TreeMap<>();
  private final Believed believed;
  private final Trouble trouble;
  private final EndpointFeed feed = EndpointFeed.create();
  private final Thread thread;
  private volatile boolean closed;

  WatchedService(String service, EtcdConfig config, EtcdClient client) {
    this.service = service;
    this.config = config;
    this.client = client;
    this.keys = config.prefix() + "/" + service + "/";
    this.believed = new Believed(config.doubt());
    this.trouble = new Trouble(service, config);
    this.thread = Thread.ofVirtual().name("volare-etcd-" + service).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** {@return who is told} Thread-safe. */
  EndpointFeed feed() {
    return feed;
  }

  /** Ends the watch; no listener hears anything once this returns. Thread-safe. */
  void close() {
    closed = true;
    thread.interrupt();
    feed.close();
  }

  /** Waits a little for the thread of a closed service to end. */
  void awaitEnd() throws InterruptedException {
    if (Thread.currentThread() != thread) {
      thread.join(Duration.ofSeconds(1));
    }
  }

  private void run() {
    try {
      while (!closed) {
        try {
          readAndHear();
        } catch (EtcdException failure) {
          config.time().sleep(trouble.after(failure));
        } catch (RuntimeException unforeseen) {
          if (!closed) {
            trouble.unforeseen(unforeseen);
            config.time().sleep(AFTER_UNFORESEEN);
          }
        }
      }
    } catch (InterruptedException cancelled) {
      Thread.currentThread().interrupt(); // closed: nobody else knows this thread
    }
  }

  private void readAndHear() throws EtcdException, InterruptedException {
    long revision = read();
    trouble.isOver();
    Deadline end = Deadline.after(nextReading(), config.time());
    try (InterruptScope scope = config.time().interruptAt(end)) {
      try {
        hear(revision + 1);
      } catch (InterruptedException interrupted) {
        if (!scope.isCauseOf(interrupted)) {
          throw interrupted;
        }
      }
    }
  }

  private Duration nextReading() {
    if (!believed.isInDoubt()) {
      long nanos = config.reread().toNanos();
      return Duration.ofNanos(nanos - ThreadLocalRandom.current().nextLong(nanos / 10 + 1));
    }
    Duration third = config.doubt().dividedBy(3);
    return third.compareTo(SOONEST) < 0 ? SOONEST : third;
  }

  /** {@return the revision that was read} */
  private long read() throws EtcdException, InterruptedException {
    Json answer =
        client.call("kv/range", "{%s,\"limit\":\"%d\"}".formatted(range(), MOST_INSTANCES));
    found.clear();
    for (Json entry : answer.at("kvs").items()) {
      put(entry);
    }
    learn(true);
    return answer.at("header").at("revision").number();
  }

  /** All keys that begin like ours: up to the one with the next character at its end. */
  private String range() {
    String end = keys.substring(0, keys.length() - 1) + (char) ('/' + 1);
    return "\"key\":%s,\"range_end\":%s".formatted(EtcdClient.base64(keys), EtcdClient.base64(end));
  }

  /** Returns when everything should be read again. */
  private void hear(long revision) throws EtcdException, InterruptedException {
    String request =
        "{\"create_request\":{%s,\"start_revision\":\"%d\"}}".formatted(range(), revision);
    try (Messages messages = client.open("watch", request)) {
      boolean wasInDoubt = believed.isInDoubt();
      while (wasInDoubt || !believed.isInDoubt()) {
        Json message = messages.next();
        if (message.at("compact_revision").number() > 0) {
          return;
        }
        if (message.at("canceled").text().equals("true")) {
          throw EtcdException.refused(
              messages.where() + ": cancelled, " + message.at("cancel_reason").text(), false);
        }
        apply(message);
      }
    }
  }

  private void apply(Json message) throws EtcdException {
    if (message.at("events").items().isEmpty()) {
      return;
    }
    for (Json event : message.at("events").items()) {
      if (event.at("type").text().equals("DELETE")) {
        found.remove(key(event.at("kv")));
      } else {
        put(event.at("kv"));
      }
    }
    learn(false);
  }

  private static String key(Json entry) throws EtcdException {
    return EtcdClient.decoded(entry.at("key").text());
  }

  private void put(Json entry) throws EtcdException {
    String key = key(entry);
    if (found.size() >= MOST_INSTANCES && !found.containsKey(key)) {
      return;
    }
    try {
      found.put(key, InstanceText.read(key, EtcdClient.decoded(entry.at("value").text())));
    } catch (EtcdException noInstance) {
      found.remove(key);
      trouble.ignored(noInstance);
    }
  }

  private void learn(boolean isReading) {
    int before = believed.size();
    believed.learn(found.values(), isReading, config.time().nanos());
    if (believed.isInDoubt()) {
      config.listener().doubted(service, before, found.size());
    }
    if (!believed.isNothingYet()) {
      EndpointSet set = new EndpointSet(service, believed.inForce());
      if (feed.publish(set)) {
        config.listener().updated(set);
      }
    }
  }
}
