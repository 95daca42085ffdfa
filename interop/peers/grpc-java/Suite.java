import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.channelz.v1.ChannelzGrpc;
import io.grpc.channelz.v1.GetServerSocketsRequest;
import io.grpc.channelz.v1.GetServersRequest;
import io.grpc.channelz.v1.GetSocketRequest;
import io.grpc.channelz.v1.Server;
import io.grpc.channelz.v1.Socket;
import io.grpc.testing.integration.TestServiceClient;
import io.grpc.testing.integration.TestServiceServer;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The official interop server and client of gRPC for Java, with the command line of every peer.
 * Their code is not changed, but one process runs many cases: each is a client of its own, as if it
 * had been started alone.
 */
public final class Suite {
  private static final Logger QUIET = Logger.getLogger("");

  private Suite() {}

  public static void main(String[] args) throws Exception {
    QUIET.setLevel(Level.WARNING);
    List<String> suite = new ArrayList<>();
    String cases = "";
    boolean tls = false;
    for (int i = 1; i < args.length; i++) {
      switch (args[i]) {
        case "--port" ->
            suite.add((args[0].equals("server") ? "--port=" : "--server_port=") + args[++i]);
        case "--host" -> suite.add("--server_host=" + args[++i]);
        case "--case" -> cases = args[++i];
        case "--tls" -> tls = true;
        case "--okhttp" -> suite.add("--use_okhttp=true");
        default -> suite.add(args[i]);
      }
    }
    suite.add("--use_tls=" + tls);
    switch (args[0]) {
      case "certs" -> writeCertificates(Path.of(args[1]));
      case "server" -> TestServiceServer.main(suite.toArray(String[]::new));
      default -> System.exit(run(suite, cases, tls) ? 0 : 1);
    }
  }

  /** The certificate of *.test.google.fr, its key, and the authority that all suites trust. */
  private static void writeCertificates(Path folder) throws Exception {
    for (String name : List.of("ca.pem", "server1.pem", "server1.key")) {
      try (InputStream in = TestServiceClient.class.getResourceAsStream("/certs/" + name)) {
        Files.write(folder.resolve(name), in.readAllBytes());
      }
    }
  }

  private static boolean run(List<String> suite, String cases, boolean tls) throws Exception {
    if (tls) {
      suite.add("--use_test_ca=true");
      suite.add("--server_host_override=foo.test.google.fr");
    }
    boolean passed = true;
    for (String name : cases.split(",")) {
      List<String> arguments = new ArrayList<>(suite);
      arguments.add("--test_case=" + name);
      String result = "ok";
      try {
        if (name.equals("channelz")) {
          readChannelz(value(suite, "--server_host="), value(suite, "--server_port="));
        } else {
          runCase(arguments);
        }
      } catch (Throwable failure) {
        passed = false;
        result = reason(failure);
      }
      System.out.println(name + " " + result);
    }
    return passed;
  }

  private static void runCase(List<String> arguments) throws Throwable {
    TestServiceClient client = new TestServiceClient();
    call(client, "parseArgs", (Object) arguments.toArray(String[]::new));
    call(client, "setUp");
    try {
      call(client, "run");
    } finally {
      call(client, "tearDown");
    }
  }

  private static String value(List<String> suite, String option) {
    return suite.stream()
        .filter(each -> each.startsWith(option))
        .findFirst()
        .orElseThrow()
        .substring(option.length());
  }

  /** No case of the suite's: its library reads what the server tells of itself. */
  private static void readChannelz(String host, String port) {
    ManagedChannel channel =
        Grpc.newChannelBuilder(host + ":" + port, InsecureChannelCredentials.create()).build();
    try {
      var channelz = ChannelzGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
      Server server = channelz.getServers(GetServersRequest.getDefaultInstance()).getServer(0);
      long id = server.getRef().getServerId();
      var sockets =
          channelz.getServerSockets(GetServerSocketsRequest.newBuilder().setServerId(id).build());
      long last = sockets.getSocketRef(sockets.getSocketRefCount() - 1).getSocketId();
      Socket socket =
          channelz.getSocket(GetSocketRequest.newBuilder().setSocketId(last).build()).getSocket();
      check(server.getData().getCallsStarted() > 0, server);
      check(server.getListenSocket(0).getName().endsWith(":" + port), server);
      check(server.getUnknownFields().asMap().isEmpty(), server);
      check(socket.getData().getStreamsStarted() > 0, socket);
      check(socket.getData().getMessagesReceived() > 0, socket);
      check(socket.getLocal().getTcpipAddress().getPort() == Integer.parseInt(port), socket);
      check(socket.getUnknownFields().asMap().isEmpty(), socket);
    } finally {
      channel.shutdownNow();
    }
  }

  private static void check(boolean holds, Object told) {
    if (!holds) {
      throw new AssertionError(told);
    }
  }

  private static void call(Object target, String name, Object... arguments) throws Throwable {
    for (Method method : target.getClass().getDeclaredMethods()) {
      if (method.getName().equals(name)) {
        method.setAccessible(true);
        try {
          method.invoke(target, arguments);
          return;
        } catch (InvocationTargetException thrown) {
          throw thrown.getCause();
        }
      }
    }
    throw new NoSuchMethodException("the suite has no " + name);
  }

  /** A failure and its causes on one line. */
  private static String reason(Throwable failure) {
    StringBuilder text = new StringBuilder();
    for (Throwable each = failure; each != null && text.length() < 400; each = each.getCause()) {
      text.append(each).append(" / ");
    }
    return text.toString().replaceAll("\\s+", " ");
  }
}
