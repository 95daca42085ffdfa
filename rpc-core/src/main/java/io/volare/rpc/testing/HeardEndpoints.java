package io.volare.rpc.testing;

import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointSet;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A listener of a discovery, which a test asks what it heard. Thread-safe. */
public final class HeardEndpoints implements Consumer<EndpointSet> {
  private static final int PATIENCE_SECONDS = 10;

  private final BlockingQueue<EndpointSet> sets = new LinkedBlockingQueue<>();

  /** A listener that has heard nothing. */
  public HeardEndpoints() {}

  @Override
  public void accept(EndpointSet set) {
    sets.add(set);
  }

  /**
   * {@return the endpoints of the next set, as sorted texts}
   *
   * @throws AssertionError if there is none within 10 s
   */
  public List<String> next() throws InterruptedException {
    return nextSet().endpoints().stream().map(Endpoint::toString).sorted().toList();
  }

  /**
   * {@return the next set}
   *
   * @throws AssertionError if there is none within 10 s
   */
  public EndpointSet nextSet() throws InterruptedException {
    EndpointSet set = sets.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (set == null) {
      throw new AssertionError("no set within " + PATIENCE_SECONDS + " s");
    }
    return set;
  }

  /** {@return whether nothing more was heard so far} */
  public boolean isQuiet() {
    return sets.isEmpty();
  }
}
