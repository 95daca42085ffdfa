package io.volare.interop;

import io.volare.interop.cases.CasesClient;
import io.volare.interop.cases.Request;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.RpcClient;
import io.volare.transport.thrift.ThriftClient;
import org.jspecify.annotations.Nullable;

/** Echoes over a kind of Thrift connection. */
final class ThriftTraffic implements Traffic {
  private final String kind;
  private @Nullable ThriftClient transport;
  private @Nullable CasesClient client;

  ThriftTraffic(String kind) {
    this.kind = kind;
  }

  @Override
  public void start(EndpointHealth health, RpcClient.Builder builder) {
    boolean mux = kind.endsWith("+mux");
    String wire = mux ? kind.substring(0, kind.length() - 4) : kind;
    PeerOptions peer = new PeerOptions("client", 0, wire, mux, "", "", "");
    transport = ThriftClient.create(peer.config()).with(health);
    client = CasesClient.of(builder.transport(transport));
  }

  @Override
  public boolean call(long number, int millis) throws Exception {
    String id = kind + number;
    return started().echo(new Request(id, "sleep:" + millis)).action().equals(id);
  }

  private CasesClient started() {
    if (client == null) {
      throw new IllegalStateException(kind + ": not started (call start first)");
    }
    return client;
  }

  @Override
  public boolean losesNone() {
    return kind.startsWith("ttheader");
  }

  @Override
  public void close() {
    if (transport != null) {
      transport.close();
    }
  }
}
