package com.example.plain;

import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.Names;
import io.volare.metainfo.Received;
import io.volare.motore.Deadline;
import io.volare.motore.Time;
import io.volare.rpc.RpcContext;
import java.io.IOException;
import java.time.Duration;

/**
 * What a request says, in the order in which it travels.
 *
 * @param service the service's name
 * @param method the method's name
 * @param caller who calls
 * @param callee who is called
 * @param millisLeft until the deadline, 0 for none
 * @param metaInfo what the caller sent along
 * @param arguments the method's arguments, encoded
 */
record Call(
    String service,
    String method,
    String caller,
    String callee,
    int millisLeft,
    MetaInfo metaInfo,
    byte[] arguments) {
  static void write(RpcContext context, byte[] arguments, WireWriter out) throws IOException {
    out.text(context.method().service());
    out.text(context.method().name());
    out.text(context.caller());
    out.text(context.callee());
    out.number(millisLeft(context.deadline()));
    out.pairs(action -> context.metaInfo().forEachForward(Names.RPC, action));
    out.bytes(arguments);
    out.flush();
  }

  private static int millisLeft(Deadline deadline) {
    long nanos = deadline.isFinite() ? Math.max(1_000_000, deadline.remainingNanos()) : 0;
    return (int) Math.min(Integer.MAX_VALUE, nanos / 1_000_000);
  }

  static Call read(WireReader in) throws IOException {
    String service = in.text();
    String method = in.text();
    String caller = in.text();
    String callee = in.text();
    int millisLeft = in.number();
    MetaInfo metaInfo = MetaInfo.create();
    Received received = new Received(metaInfo, Names.RPC);
    in.pairs(received::forward);
    received.deliver();
    return new Call(service, method, caller, callee, millisLeft, metaInfo, in.bytes());
  }

  Deadline deadline() {
    return millisLeft <= 0
        ? Deadline.NONE
        : Deadline.after(Duration.ofMillis(millisLeft), Time.SYSTEM);
  }
}
