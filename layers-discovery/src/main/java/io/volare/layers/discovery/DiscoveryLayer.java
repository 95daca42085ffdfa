package io.volare.layers.discovery;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.volare.motore.Attribute;
import io.volare.motore.Failure;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Layer;
import io.volare.motore.Placement;
import io.volare.motore.Service;
import io.volare.rpc.DeclaredException;
import io.volare.rpc.Discovery;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.RpcContext;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the instance that a call goes to.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.layers.discovery.DiscoverySnippetsTest region=use}
 *
 * <p>A call waits for the first set of instances, for as long as patience and its deadline last; a
 * registry may need a moment. An attempt does not go where an earlier attempt of the same call has
 * been, as long as there is another instance. A call of which nothing was sent, because the
 * instance could not be reached or was shutting down, moves to another one at once; that is no
 * retry. A call whose endpoint is set already is left alone.
 *
 * @param <Q> the request
 * @param <R> the response
 */
public final class DiscoveryLayer<Q extends @Nullable Object, R extends @Nullable Object>
    implements Layer<RpcContext, Q, R>, AutoCloseable {
  /** The addresses that attempts of a call have gone to. */
  private static final Attribute<Tried> TRIED = Attribute.perCall("endpoints tried");

  private static final int MOST_MOVES = 3;
  private static final int MOST_SERVICES = 1_000;

  private final DiscoveryConfig config;
  private final Cache<String, Watched> services =
      Caffeine.newBuilder()
          .maximumSize(MOST_SERVICES)
          .executor(Runnable::run) // waking a thread for each few reads costs more than the calls
          .<String, Watched>evictionListener((service, watched, why) -> close(watched))
          .build();

  private DiscoveryLayer(DiscoveryConfig config) {
    this.config = config;
  }

  /** {@return the layer that {@code config} describes; it watches until it is closed} */
  public static <Q extends @Nullable Object, R extends @Nullable Object> DiscoveryLayer<Q, R> of(
      DiscoveryConfig config) {
    return new DiscoveryLayer<>(config);
  }

  @Override
  public Service<RpcContext, Q, R> wrap(Service<RpcContext, Q, R> inner) {
    return (context, request) -> {
      if (context.endpoint() != null) {
        return inner.call(context, request);
      }
      Watched known = services.getIfPresent(context.callee());
      Watched watched = known == null ? services.get(context.callee(), this::watch) : known;
      Cluster cluster = watched.cluster();
      cluster.awaitFirstSet(context.deadline());
      Tried tried = tried(context);
      for (int move = 0; ; move++) {
        Candidate candidate = cluster.pick(tried, context);
        tried.add(candidate.endpoint().address());
        try {
          return send(inner, context, request, cluster, candidate);
        } catch (InterruptedException cancelled) {
          throw cancelled;
        } catch (Exception failure) {
          if (move == MOST_MOVES || !wasNeverSent(failure)) {
            throw failure;
          }
          config.listener().moved(candidate.endpoint(), failure);
        }
      }
    };
  }

  private R send(
      Service<RpcContext, Q, R> inner,
      RpcContext context,
      Q request,
      Cluster cluster,
      Candidate candidate)
      throws Exception {
    boolean failed = true;
    candidate.begin();
    try {
      R response = inner.call(context, request);
      failed = false;
      return response;
    } catch (Exception failure) {
      failed =
          isTheInstancesFault(failure)
              && !(wasNeverSent(failure) && cluster.isDraining(candidate, config.time().nanos()));
      throw failure;
    } finally {
      if (candidate.end(failed)) {
        cluster.eject(candidate);
      }
    }
  }

  private static boolean isTheInstancesFault(Exception failure) {
    if (failure instanceof DeclaredException || failure instanceof InterruptedException) {
      return false;
    }
    return switch (Failure.kindOf(failure)) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL, PROTOCOL, RESOURCE_EXHAUSTED -> true;
      default -> false;
    };
  }

  private static boolean wasNeverSent(Exception failure) {
    return Failure.kindOf(failure) == Kind.UNAVAILABLE && !Failure.mayHaveExecuted(failure);
  }

  private static Tried tried(RpcContext context) {
    Tried tried = context.get(TRIED);
    if (tried == null) {
      tried = new Tried();
      context.set(TRIED, tried);
    }
    return tried;
  }

  private Watched watch(String service) {
    Cluster cluster = new Cluster(service, config);
    EndpointHealth.Subscription health = config.health().subscribe(cluster::noticed);
    return new Watched(cluster, config.discovery().watch(service, cluster::update), health);
  }

  private static void close(@Nullable Watched watched) {
    if (watched != null) {
      watched.watch().close();
      watched.health().close();
    }
  }

  /** Ends all watches. */
  @Override
  public void close() {
    services.asMap().values().forEach(DiscoveryLayer::close);
    services.invalidateAll();
  }

  @Override
  public Placement placement() {
    return Placement.perAttempt("each attempt may pick another instance");
  }

  @Override
  public boolean blocks() {
    return true; // until the first set is known
  }

  @Override
  public String toString() {
    return "Discovery[" + config.discovery() + "]";
  }

  private record Watched(
      Cluster cluster, Discovery.Watch watch, EndpointHealth.Subscription health) {}
}
