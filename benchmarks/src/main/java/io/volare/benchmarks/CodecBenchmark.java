package io.volare.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftWriter;
import java.util.concurrent.TimeUnit;
import org.apache.thrift.TBase;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Thrift's Binary protocol from and to one direct buffer, of the allocator that servers use. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Thread)
public class CodecBenchmark {
  /** What is read or written. */
  @Param public Sample message = Sample.WIDE;

  private final ByteBuf buffer = ByteBufAllocator.DEFAULT.directBuffer(64 * 1024);
  private final DirectBufferTransport transport = DirectBufferTransport.of(buffer);
  private final TBinaryProtocol protocol = new TBinaryProtocol(transport);
  private TBase<?, ?> theirs = Sample.WIDE.theirs();

  /** Leaves the message in the buffer. */
  @Setup
  public void write() {
    theirs = message.theirs();
    writeVolare();
  }

  /** Gives the buffer back. */
  @TearDown
  public void release() {
    buffer.release();
  }

  /** Volare reads. */
  @Benchmark
  public Object readVolare() {
    buffer.readerIndex(0);
    ThriftReader reader = new ThriftReader(buffer);
    Object read = message.codec().read(reader);
    reader.finish();
    return read;
  }

  /** libthrift reads. */
  @Benchmark
  public Object readLibthrift() throws TException {
    buffer.readerIndex(0);
    transport.begin();
    TBase<?, ?> read = message.empty();
    read.read(protocol);
    return read;
  }

  /** Volare writes. */
  @Benchmark
  public ByteBuf writeVolare() {
    buffer.clear();
    message.codec().write(message.value(), new ThriftWriter(buffer));
    return buffer;
  }

  /** libthrift writes. */
  @Benchmark
  public ByteBuf writeLibthrift() throws TException {
    buffer.clear();
    theirs.write(protocol);
    return buffer;
  }
}
