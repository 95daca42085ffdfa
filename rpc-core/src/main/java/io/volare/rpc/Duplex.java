package io.volare.rpc;

import static java.util.Objects.requireNonNull;

/**
 * Both ends of a stream as one side holds them: what a streaming handler gets as its arguments, and
 * what a streaming call returns. Where one direction carries a single message, so does its end.
 *
 * @param <I> what this side receives
 * @param <O> what this side sends
 * @param source where the other side's messages arrive
 * @param sink where this side's messages go
 */
public record Duplex<I, O>(Source<I> source, Sink<O> sink) implements AutoCloseable {
  /** The request of a call whose messages all come from the client's stream. */
  public static final Object NO_REQUEST =
      new Object() {
        @Override
        public String toString() {
          return "no request: the client streams";
        }
      };

  /** Checks that both are there. */
  public Duplex {
    requireNonNull(source, "source");
    requireNonNull(sink, "sink");
  }

  /** Cancels the stream unless it has ended. */
  @Override
  public void close() {
    source.close();
  }
}
