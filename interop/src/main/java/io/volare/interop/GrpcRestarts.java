package io.volare.interop;

/** As {@link Restarts}, over gRPC: of no unary call and no stream a message may be lost. */
public final class GrpcRestarts {
  private GrpcRestarts() {}

  /**
   * Restarts servers, and exits with 1 if a call failed.
   *
   * @param args as those of {@link Restarts}
   */
  public static void main(String[] args) throws Exception {
    Restarts.report(
        Arguments.orExit(() -> RestartOptions.parse(RestartOptions.GRPC, args)), GrpcPeer.class);
  }
}
