package io.volare.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.volare.transport.thrift.WireForm;
import org.jspecify.annotations.Nullable;

/** What servers of the comparison are sent. */
enum Protocol {
  TTHEADER(WireForm.TTHEADER),
  TTHEADER_FRAMED(WireForm.TTHEADER_FRAMED),
  FRAMED(WireForm.FRAMED),
  BARE(WireForm.BARE),
  GRPC(null);

  private final @Nullable WireForm form;

  Protocol(@Nullable WireForm form) {
    this.form = form;
  }

  /** Makes what each connection speaks. */
  interface Wires {
    /** {@return what a connection with so many places for calls speaks} */
    Wire open(int places);
  }

  /** {@return echoes of {@code --size} bytes, all with the same bytes} */
  Wires echoes(Options options, int inFlight) {
    int size = options.number("size", 1024);
    int deadline = options.number("deadline", 0);
    if (form == null) {
      GrpcWire.Request request = GrpcWire.Request.echo(size, deadline);
      return places -> new GrpcWire(request, inFlight, places);
    }
    boolean multiplexed = options.text("multiplexed", inFlight > 1 ? "yes" : "no").equals("yes");
    ByteBuf template =
        Unpooled.unreleasableBuffer(EchoFrames.request(form, size, multiplexed, deadline));
    return places -> new ThriftWire(template);
  }
}
