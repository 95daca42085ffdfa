package io.volare.benchmarks;

import io.volare.benchmarks.streams.Chunk;
import io.volare.benchmarks.streams.Streams;
import io.volare.rpc.Sink;
import io.volare.rpc.Source;

/** Streams in each direction, as anybody would write them. */
final class StreamsHandler implements Streams {
  @Override
  public Chunk up(Source<Chunk> chunks) {
    long count = 0;
    for (Chunk ignored : chunks) {
      count++;
    }
    return Chunk.newBuilder().setCount(count).build();
  }

  @Override
  public void down(Chunk request, Sink<Chunk> chunks) throws InterruptedException {
    for (long i = 0; i < request.getCount(); i++) {
      chunks.send(Chunk.newBuilder().setData(request.getData()).build());
    }
  }

  @Override
  public void both(Source<Chunk> chunks, Sink<Chunk> back) throws InterruptedException {
    for (Chunk chunk : chunks) {
      back.send(chunk);
    }
  }
}
