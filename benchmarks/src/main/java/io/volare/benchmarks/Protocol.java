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

  /**
   * What is called over and over, always with the same bytes.
   *
   * @param messages that a call is counted as
   * @param wires what connections speak
   */
  record Calls(int messages, Wires wires) {}

  /** {@return the calls that the options ask for: echoes of 1 KiB unless they say otherwise} */
  Calls calls(Options options, int inFlight) {
    if (form == null) {
      GrpcRequest request = GrpcRequest.of(options);
      return new Calls(request.messages(), places -> new GrpcWire(request, inFlight, places));
    }
    int size = options.number("size", 1024);
    int deadline = options.number("deadline", 0);
    int entries = options.number("metainfo", 0);
    boolean multiplexed = options.text("multiplexed", inFlight > 1 ? "yes" : "no").equals("yes");
    ByteBuf template =
        Unpooled.unreleasableBuffer(EchoFrames.request(form, size, multiplexed, deadline, entries));
    return new Calls(1, places -> new ThriftWire(template));
  }
}
