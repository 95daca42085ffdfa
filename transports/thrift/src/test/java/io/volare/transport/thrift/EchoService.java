package io.volare.transport.thrift;

import io.volare.codec.thrift.TType;
import io.volare.codec.thrift.ThriftCodec;
import io.volare.codec.thrift.ThriftException;
import io.volare.codec.thrift.ThriftMethod;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftResultCodec;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.motore.Service;
import io.volare.rpc.MethodDescriptor.Kind;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import java.util.Map;

/**
 * {@code service Echo { string echo(1: string text) throws (1: Oops oops), oneway void log(1:
 * string text) }}, written by hand so that the transport is tested without the generator.
 */
final class EchoService {
  static final ThriftMethod<String, String> ECHO =
      new ThriftMethod<>("Echo", "echo", Kind.UNARY, true, new TextCodec(), new EchoResult());
  static final ThriftMethod<String, String> LOG =
      new ThriftMethod<>("Echo", "log", Kind.ONEWAY, false, new TextCodec(), new EchoResult());
  static final ThriftMethod<String, String> MISSING =
      new ThriftMethod<>("Echo", "missing", Kind.UNARY, false, new TextCodec(), new EchoResult());

  private EchoService() {}

  static ServiceBinding binding(Service<RpcContext, Object, Object> handler) {
    return new ServiceBinding("Echo", Map.of("echo", ECHO, "log", LOG), handler);
  }

  static final class Oops extends ThriftException {
    private static final long serialVersionUID = 1;

    Oops(String why) {
      super(why);
    }
  }

  private static final class TextCodec implements ThriftCodec<String> {
    @Override
    public String read(ThriftReader in) {
      String text = null;
      in.structBegin();
      for (int field = in.readFieldBegin(); field != 0; field = in.readFieldBegin()) {
        if (field == ThriftReader.field(TType.STRING, 1)) {
          text = in.readString();
        } else {
          in.skip(ThriftReader.fieldType(field));
        }
      }
      in.structEnd();
      if (text == null) {
        throw ThriftProtocolException.missing("echo_args", "text");
      }
      return text;
    }

    @Override
    public void write(String value, ThriftWriter out) {
      out.writeFieldBegin(TType.STRING, 1);
      out.writeString(value);
      out.writeFieldStop();
    }
  }

  private static final class EchoResult implements ThriftResultCodec<String> {
    @Override
    public String read(ThriftReader in) throws Exception {
      String value = null;
      Oops oops = null;
      in.structBegin();
      for (int field = in.readFieldBegin(); field != 0; field = in.readFieldBegin()) {
        if (field == ThriftReader.field(TType.STRING, 0)) {
          value = in.readString();
        } else if (field == ThriftReader.field(TType.STRUCT, 1)) {
          oops = new Oops(new TextCodec().read(in));
        } else {
          in.skip(ThriftReader.fieldType(field));
        }
      }
      in.structEnd();
      if (oops != null) {
        throw oops;
      }
      if (value == null) {
        throw ThriftProtocolException.missing("echo_result", "success");
      }
      return value;
    }

    @Override
    public void write(String value, ThriftWriter out) {
      if (value != null) {
        out.writeFieldBegin(TType.STRING, 0);
        out.writeString(value);
      }
      out.writeFieldStop();
    }

    @Override
    public boolean writeDeclared(Throwable thrown, ThriftWriter out) {
      if (!(thrown instanceof Oops oops)) {
        return false;
      }
      out.writeFieldBegin(TType.STRUCT, 1);
      new TextCodec().write(oops.getMessage(), out);
      out.writeFieldStop();
      return true;
    }
  }
}
