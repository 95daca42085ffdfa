import io.grpc.testing.integration.TestServiceClient;
import io.grpc.testing.integration.TestServiceServer;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
      TestServiceClient client = new TestServiceClient();
      try {
        call(client, "parseArgs", (Object) arguments.toArray(String[]::new));
        call(client, "setUp");
        try {
          call(client, "run");
        } finally {
          call(client, "tearDown");
        }
      } catch (Throwable failure) {
        passed = false;
        result = reason(failure);
      }
      System.out.println(name + " " + result);
    }
    return passed;
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
