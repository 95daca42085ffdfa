package io.volare.registry.etcd;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * What does not work with one service, in a row: counted, logged once a minute, and answered with a
 * pause that grows from 0.2 to 5 s, half of it at random. Belongs to one thread.
 */
final class Trouble {
  private static final System.Logger LOG = System.getLogger(EtcdDiscovery.class.getName());
  private static final long APART_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int MOST_DOUBLINGS = 5;

  private final String service;
  private final EtcdConfig config;
  private int failures;
  private long sinceNanos;
  private long logAgainNanos;
  private boolean logged;

  Trouble(String service, EtcdConfig config) {
    this.service = service;
    this.config = config;
    this.logAgainNanos = config.time().nanos();
  }

  /** {@return how long to wait before trying again} */
  Duration after(EtcdException failure) {
    long nowNanos = config.time().nanos();
    if (failures == 0) {
      sinceNanos = nowNanos;
    }
    long pause = Math.min(LONGEST_NANOS, FIRST_NANOS << Math.min(failures, MOST_DOUBLINGS));
    failures++;
    config.listener().failed(service, failure);
    logRarely(failure.getMessage() + "; tried again, what is known stays", nowNanos);
    return Duration.ofNanos(pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2));
  }

  /** Something is wrong with what is in etcd, which nobody can change by trying again. */
  void ignored(EtcdException failure) {
    config.listener().failed(service, failure);
    logRarely(failure.getMessage() + "; left out", config.time().nanos());
  }

  private void logRarely(String message, long nowNanos) {
    if (nowNanos - logAgainNanos >= 0) {
      logAgainNanos = nowNanos + APART_NANOS;
      logged = true;
      LOG.log(System.Logger.Level.WARNING, () -> service + ": " + printable(message));
    }
  }

  /** {@return {@code message} without control characters, which others may have written} */
  private static String printable(String message) {
    return message.replaceAll("\\p{Cntrl}", "?");
  }

  /** It works again. */
  void isOver() {
    if (failures > 0 && logged) {
      long seconds = TimeUnit.NANOSECONDS.toSeconds(config.time().nanos() - sinceNanos);
      LOG.log(System.Logger.Level.INFO, () -> service + ": works again after " + seconds + " s");
      logged = false;
    }
    failures = 0;
  }

  /** Something broke off that nobody foresaw. */
  void unforeseen(RuntimeException failure) {
    LOG.log(System.Logger.Level.ERROR, () -> service + ": broke off, begins again", failure);
  }
}
