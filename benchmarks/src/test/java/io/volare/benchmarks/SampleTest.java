package io.volare.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.volare.codec.thrift.ThriftReader;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the codec benchmarks compare is the same message, read and written by both. */
class SampleTest {
  @ParameterizedTest
  @EnumSource
  void bothReadWhatTheOtherWrites(Sample sample) throws TException {
    ByteBuf bytes = Unpooled.buffer();
    sample.theirs().write(new TBinaryProtocol(DirectBufferTransport.of(bytes)));

    assertThat(sample.codec().read(new ThriftReader(bytes))).isEqualTo(sample.value());
  }

  @ParameterizedTest
  @EnumSource
  void theBenchmarkReadsAndWritesWhatItSays(Sample sample) throws TException {
    CodecBenchmark benchmark = new CodecBenchmark();
    benchmark.message = sample;
    benchmark.write();

    assertThat(benchmark.readVolare()).isEqualTo(sample.value());
    assertThat(benchmark.readLibthrift()).isEqualTo(sample.theirs());
    int size = ByteBufUtil.getBytes(benchmark.writeVolare()).length;
    assertThat(ByteBufUtil.getBytes(benchmark.writeLibthrift())).hasSize(size);
    benchmark.release();
  }
}
