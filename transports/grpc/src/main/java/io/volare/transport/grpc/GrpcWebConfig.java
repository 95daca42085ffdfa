package io.volare.transport.grpc;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which pages of the web may call a server by gRPC-Web. Immutable; each {@code with} method returns
 * a copy.
 *
 * <p>Pages of the server's own origin always may: a browser asks nobody for that.
 *
 * @param origins of pages elsewhere, as browsers name them: {@code https://app.example}, with the
 *     port where it is not the usual one; {@code *} stands for all
 * @param credentials whether those pages may send cookies and certificates along
 * @param preflightAge how long a browser may remember what it was allowed
 */
public record GrpcWebConfig(Set<String> origins, boolean credentials, Duration preflightAge) {
  /** No page of another origin, no credentials, ten minutes. */
  public static final GrpcWebConfig DEFAULT =
      new GrpcWebConfig(Set.of(), false, Duration.ofMinutes(10));

  private static final String ANY = "*";

  /** Checks that each origin is one, and that not everybody is trusted with credentials. */
  public GrpcWebConfig {
    origins = Set.copyOf(origins);
    for (String origin : origins) {
      if (!origin.equals(ANY) && !origin.matches("[a-z][a-z0-9+.-]*://[^/\\s]+")) {
        throw new IllegalArgumentException(
            "origin: " + origin + " (expected: scheme://host, with :port if need be, or *)");
      }
    }
    if (credentials && origins.contains(ANY)) {
      throw new IllegalArgumentException(
          "credentials: true with every origin allowed (expected: origins by name)");
    }
    requireNonNull(preflightAge, "preflightAge");
    if (preflightAge.isNegative()) {
      throw new IllegalArgumentException("preflightAge: " + preflightAge + " (expected: >= 0)");
    }
  }

  /** {@return a copy that lets pages of these origins call} */
  public GrpcWebConfig withOrigins(String... origins) {
    return new GrpcWebConfig(Set.of(origins), credentials, preflightAge);
  }

  /** {@return a copy that lets those pages send credentials, or not} */
  public GrpcWebConfig withCredentials(boolean credentials) {
    return new GrpcWebConfig(origins, credentials, preflightAge);
  }

  /** {@return a copy whose permissions are remembered for so long} */
  public GrpcWebConfig withPreflightAge(Duration preflightAge) {
    return new GrpcWebConfig(origins, credentials, preflightAge);
  }

  /** {@return whether pages of {@code origin} may call} */
  boolean allows(@Nullable CharSequence origin) {
    return origin != null && (origins.contains(ANY) || origins.contains(origin.toString()));
  }
}
