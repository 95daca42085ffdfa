package io.volare.rpc;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Remembers on disk what another discovery said last, for a start while its registry is away.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.rpc.SnapshotDiscoveryTest region=use}
 *
 * <p>Where the other one says nothing within {@link SnapshotConfig#patience}, the listener gets the
 * set of the snapshot, if there is one; from the first word of the other one on, only what that one
 * says. Each of its sets replaces the snapshot as a whole, on a thread of its own; an empty one
 * does not, nor do endpoints within a process count. A snapshot that cannot be read or written
 * costs a line in the log and nothing else. Closing a watch waits until what it heard is written,
 * at most a second. Thread-safe.
 */
public final class SnapshotDiscovery implements Discovery {
  private static final System.Logger LOG = System.getLogger(SnapshotDiscovery.class.getName());

  private static final Duration CLOSE_AT_MOST = Duration.ofSeconds(1);

  private final Discovery discovery;
  private final SnapshotConfig config;

  private SnapshotDiscovery(Discovery discovery, SnapshotConfig config) {
    this.discovery = requireNonNull(discovery, "discovery");
    this.config = requireNonNull(config, "config");
  }

  /** {@return {@code discovery}, with snapshots; whoever made it closes it} */
  public static SnapshotDiscovery of(Discovery discovery, SnapshotConfig config) {
    return new SnapshotDiscovery(discovery, config);
  }

  @Override
  public Watch watch(String service, Consumer<? super EndpointSet> listener) {
    Remembering remembering = new Remembering(service, listener);
    remembering.begin();
    return remembering;
  }

  @Override
  public String toString() {
    return discovery + ", remembered in " + config.folder();
  }

  /** One watch. Its monitor is held while the listener is told. */
  private final class Remembering implements Watch {
    private final String service;
    private final Consumer<? super EndpointSet> listener;
    private final EndpointSnapshot snapshot;

    /** What is to be written; whoever finds nothing here starts the thread that writes. */
    private final AtomicReference<@Nullable EndpointSet> unwritten = new AtomicReference<>();

    private @Nullable Watch watch; // guarded by this
    private @Nullable Thread waiting; // guarded by this
    private @Nullable Thread writing; // guarded by this
    private boolean heard; // guarded by this
    private boolean closed; // guarded by this

    Remembering(String service, Consumer<? super EndpointSet> listener) {
      this.service = service;
      this.listener = listener;
      snapshot = new EndpointSnapshot(config.folder(), service, config.endpoints());
    }

    void begin() {
      Watch begun = discovery.watch(service, this::hear);
      synchronized (this) {
        watch = begun;
        if (!heard) {
          waiting = Thread.ofVirtual().name("volare-snapshot-" + service).start(this::fallBack);
        }
      }
    }

    private void hear(EndpointSet set) {
      synchronized (this) {
        if (closed) {
          return;
        }
        heard = true;
        listener.accept(set);
      }
      if (unwritten.getAndSet(set) == null) {
        Thread thread = Thread.ofVirtual().name("volare-snapshot-" + service).start(this::write);
        synchronized (this) {
          writing = thread;
        }
      }
    }

    private void write() {
      EndpointSet set;
      do {
        set = requireNonNull(unwritten.get());
        try {
          snapshot.write(set);
        } catch (IOException failure) {
          warn("not remembered", failure);
        }
      } while (!unwritten.compareAndSet(set, null));
    }

    private void fallBack() {
      try {
        config.time().sleep(config.patience());
        tell(snapshot.read());
      } catch (IOException failure) {
        warn("what was remembered is of no use", failure);
      } catch (InterruptedException closing) {
        Thread.currentThread().interrupt(); // nobody else knows this thread
      }
    }

    private synchronized void tell(@Nullable EndpointSet remembered) {
      if (remembered == null || heard || closed) {
        return;
      }
      LOG.log(
          System.Logger.Level.WARNING,
          () ->
              "%s: no word of %s within %d ms: going by %d instances of %s"
                  .formatted(
                      service,
                      discovery,
                      config.patience().toMillis(),
                      remembered.endpoints().size(),
                      snapshot));
      listener.accept(remembered);
    }

    private void warn(String what, IOException failure) {
      LOG.log(System.Logger.Level.WARNING, () -> service + ": " + what + ": " + failure, failure);
    }

    @Override
    public void close() {
      Watch begun;
      Thread last;
      synchronized (this) {
        closed = true;
        begun = watch;
        last = writing;
        if (waiting != null) {
          waiting.interrupt();
        }
      }
      if (begun != null) {
        begun.close();
      }
      if (last != null) {
        awaitWritten(last);
      }
    }

    private static void awaitWritten(Thread last) {
      try {
        last.join(CLOSE_AT_MOST);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
