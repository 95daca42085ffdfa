package io.volare.rpc;

import java.util.List;

/** Ends things in order when the process is asked to end. */
public final class Shutdown {
  private Shutdown() {}

  /**
   * Closes {@code parts} one after another, first to last, when the JVM shuts down: on SIGTERM, on
   * SIGINT, on {@link System#exit}. Put servers before the clients that their handlers use.
   */
  public static void onExit(Lifecycle... parts) {
    List<Lifecycle> ordered = List.of(parts);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("volare-shutdown")
                .unstarted(() -> ordered.forEach(Lifecycle::close)));
  }
}
