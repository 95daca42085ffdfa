package io.volare.interop;

import io.volare.interop.cases.Cases;
import io.volare.interop.cases.CasesClient;
import io.volare.interop.cases.Everything;
import io.volare.interop.cases.Oops;
import io.volare.interop.cases.Request;
import io.volare.interop.cases.Response;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.BusinessException;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.transport.thrift.ThriftClient;
import io.volare.transport.thrift.ThriftClientConfig;
import io.volare.transport.thrift.WireForm;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Does what the text of a request says, so that one server answers all cases. Thread-safe. */
final class CasesHandler implements Cases {
  private static final String BACKWARD = "bk";

  private final Set<String> logged = ConcurrentHashMap.newKeySet();
  private final Runnable end;

  /**
   * @param end ends the process, as SIGTERM does
   */
  CasesHandler(Runnable end) {
    this.end = end;
  }

  @Override
  public Response echo(Request req) throws Oops, InterruptedException {
    String word = req.msg();
    String rest = "";
    int colon = word.indexOf(':');
    if (colon >= 0) {
      rest = word.substring(colon + 1);
      word = word.substring(0, colon);
    }
    String text =
        switch (word) {
          case "biz" -> throw new BusinessException(404, "not found", Map.of("k", "v"));
          case "oops" -> throw new Oops("because", 7);
          case "err" -> throw RpcException.of(Kind.INTERNAL, "went wrong");
          case "sleep" -> slept(req, rest);
          case "meta" -> seenAndAnswered();
          case "caller" -> RpcContext.current().caller();
          case "deadline" -> left();
          case "logged" -> logged.contains(rest) ? "yes" : "no";
          case "chain" -> hop(req.action(), rest);
          case "drain" -> draining(req);
          default -> req.msg();
        };
    return new Response(req.action(), text);
  }

  private static String slept(Request req, String millis) throws InterruptedException {
    Thread.sleep(Duration.ofMillis(Long.parseLong(millis)));
    return req.msg();
  }

  private static String seenAndAnswered() {
    MetaInfo.current().setBackward(BACKWARD, "bv");
    return seen();
  }

  private static String seen() {
    MetaInfo info = MetaInfo.current();
    return "T="
        + Objects.requireNonNullElse(info.upstream("T"), "")
        + ",P="
        + Objects.requireNonNullElse(info.persistent("P"), "");
  }

  private static String left() {
    Deadline deadline = RpcContext.current().deadline();
    return deadline.isFinite() ? String.valueOf(deadline.remainingNanos() / 1_000_000) : "none";
  }

  /** Asks the next server of the list, adds what was seen here, and hands the backward value on. */
  private static String hop(String action, String rest) throws Oops, InterruptedException {
    String text = "volare:" + seen();
    String back = "volare";
    if (!rest.isEmpty()) {
      int comma = rest.indexOf(',');
      int port = Integer.parseInt(comma < 0 ? rest : rest.substring(0, comma));
      String more = comma < 0 ? "" : rest.substring(comma + 1);
      ThriftClientConfig config = ThriftClientConfig.DEFAULT.withForm(WireForm.TTHEADER_FRAMED);
      try (ThriftClient transport = ThriftClient.to(Endpoint.tcp("127.0.0.1", port), config)) {
        RpcClient next = RpcClient.builder("cases").caller("volare-server").transport(transport);
        text += "|" + CasesClient.of(next).echo(new Request(action, "chain:" + more)).msg();
      }
      back = MetaInfo.current().downstream(BACKWARD) + ">volare";
    }
    MetaInfo.current().setBackward(BACKWARD, back);
    return text;
  }

  private String draining(Request req) {
    Thread.startVirtualThread(() -> {
      try {
        Thread.sleep(Duration.ofMillis(100));
      } catch (InterruptedException stopped) {
        return;
      }
      end.run();
    });
    return req.msg();
  }

  @Override
  public Everything swap(Everything all) {
    return all;
  }

  @Override
  public void ping() {}

  @Override
  public void log(Request req) {
    logged.add(req.msg());
  }
}
