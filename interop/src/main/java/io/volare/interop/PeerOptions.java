package io.volare.interop;

import io.volare.transport.thrift.ThriftClientConfig;
import io.volare.transport.thrift.WireForm;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * The command line of every peer.
 *
 * @param role server or client
 * @param port where to listen, or where the server is
 * @param wire how messages are wrapped: bare, framed, ttheader or ttheaderframed
 * @param mux whether calls share connections
 * @param cases what a client runs, separated by commas
 * @param chain the ports of the further servers of a chain, separated by commas
 * @param expect the answer that a chain gives, {@code #}, and the backward value
 */
record PeerOptions(
    String role, int port, String wire, boolean mux, String cases, String chain, String expect) {
  static PeerOptions parse(String[] args) {
    Map<String, String> values = new HashMap<>();
    for (int i = 1; i < args.length; i++) {
      values.put(args[i], args[i].equals("--mux") ? "yes" : args[++i]);
    }
    return new PeerOptions(
        args[0],
        Integer.parseInt(values.getOrDefault("--port", "0")),
        values.getOrDefault("--wire", "ttheaderframed"),
        values.containsKey("--mux"),
        values.getOrDefault("--case", ""),
        values.getOrDefault("--chain", ""),
        values.getOrDefault("--expect", ""));
  }

  ThriftClientConfig config() {
    WireForm form =
        switch (wire) {
          case "bare" -> WireForm.BARE;
          case "framed" -> WireForm.FRAMED;
          case "ttheader" -> WireForm.TTHEADER;
          case "ttheaderframed" -> WireForm.TTHEADER_FRAMED;
          default -> throw new IllegalArgumentException("wire: " + wire + " (expected: a form)");
        };
    ThriftClientConfig config =
        ThriftClientConfig.DEFAULT.withForm(form).withConnectTimeout(Duration.ofSeconds(5));
    return mux ? config.withMultiplexed(2) : config;
  }
}
