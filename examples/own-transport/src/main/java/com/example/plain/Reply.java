package com.example.plain;

import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.Names;
import io.volare.metainfo.Received;
import io.volare.motore.Failure;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.BusinessException;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The four shapes of an answer, each behind the backward values of its call. */
final class Reply {
  private static final int VALUE = 0;
  private static final int DECLARED = 1;
  private static final int BUSINESS = 2;
  private static final int FAILURE = 3;

  private Reply() {}

  static void writeValue(
      PlainMethod<Object, Object, Exception> method,
      @Nullable Object value,
      MetaInfo metaInfo,
      WireWriter out)
      throws IOException {
    begin(VALUE, metaInfo, out);
    Codec<Object> codec = method.value();
    out.bytes(codec == null || value == null ? new byte[0] : codec.encode(value));
    out.flush();
  }

  static void writeFailure(
      @Nullable PlainMethod<Object, Object, Exception> method,
      Throwable failure,
      MetaInfo metaInfo,
      WireWriter out)
      throws IOException {
    byte[] declared =
        method == null || method.declared() == null ? null : method.declared().encoded(failure);
    if (declared != null) {
      begin(DECLARED, metaInfo, out);
      out.bytes(declared);
    } else if (failure instanceof BusinessException business) {
      begin(BUSINESS, metaInfo, out);
      out.number(business.status());
      out.text(String.valueOf(business.getMessage()));
      out.pairs(business.extra()::forEach);
    } else {
      begin(FAILURE, metaInfo, out);
      out.text(Failure.kindOf(failure).name());
      out.number(Failure.mayHaveExecuted(failure) ? 1 : 0);
      out.text(told(failure));
    }
    out.flush();
  }

  private static void begin(int shape, MetaInfo metaInfo, WireWriter out) throws IOException {
    out.number(shape);
    out.pairs(action -> metaInfo.forEachBackward(Names.RPC, action));
  }

  /** A defect's message is the server's own business. */
  private static String told(Throwable failure) {
    return failure instanceof Failure ? String.valueOf(failure.getMessage()) : "the handler failed";
  }

  static @Nullable Object read(RpcContext context, WireReader in) throws Exception {
    PlainMethod<Object, Object, Exception> method = PlainMethod.of(context.method());
    int shape = in.number();
    Received received = new Received(context.metaInfo(), Names.RPC);
    in.pairs(received::backward);
    received.deliver();
    switch (shape) {
      case VALUE -> {
        byte[] bytes = in.bytes();
        return method.value() == null ? null : method.value().decode(bytes);
      }
      case DECLARED -> {
        if (method.declared() != null) {
          throw method.declared().codec().decode(in.bytes());
        }
        throw new IOException(
            "an exception that " + context.method().fullName() + " does not declare");
      }
      case BUSINESS -> {
        int status = in.number();
        String message = in.text();
        Map<String, String> extra = new HashMap<>();
        in.pairs(extra::put);
        throw new BusinessException(status, message, extra);
      }
      case FAILURE -> {
        Kind kind = Kind.valueOf(in.text());
        boolean mayHaveExecuted = in.number() != 0;
        String message = context.target() + ": " + in.text();
        throw new RpcException(kind, mayHaveExecuted, message, null, null);
      }
      default -> throw new IOException("reply of shape " + shape + " (expected: 0..3)");
    }
  }
}
