package io.volare.registry.etcd;

import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointSet;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A listener that a test asks what it heard. */
final class Watching implements Consumer<EndpointSet> {
  private final BlockingQueue<EndpointSet> sets = new LinkedBlockingQueue<>();

  @Override
  public void accept(EndpointSet set) {
    sets.add(set);
  }

  /** {@return the next set, as sorted texts} */
  List<String> next() throws InterruptedException {
    return nextSet().endpoints().stream().map(Endpoint::toString).sorted().toList();
  }

  EndpointSet nextSet() throws InterruptedException {
    EndpointSet set = sets.poll(10, TimeUnit.SECONDS);
    if (set == null) {
      throw new AssertionError("no set within 10 s");
    }
    return set;
  }

  /** {@return whether nothing more was heard so far} */
  boolean isQuiet() {
    return sets.isEmpty();
  }
}
