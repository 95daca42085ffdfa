package io.volare.motore;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Makes services from functions and changes what goes in and comes out. */
public final class Services {
  private Services() {}

  /** {@return a service that runs {@code function} and ignores the context} */
  public static <C extends @Nullable Object, Q extends @Nullable Object, R extends @Nullable Object>
      Service<C, Q, R> of(Function<? super Q, ? extends R> function) {
    requireNonNull(function, "function");
    return (context, request) -> function.apply(request);
  }

  /** {@return {@code service} behind a change of its request} */
  public static <
          C extends @Nullable Object,
          P extends @Nullable Object,
          Q extends @Nullable Object,
          R extends @Nullable Object>
      Service<C, P, R> mapRequest(
          Service<C, Q, R> service, Function<? super P, ? extends Q> change) {
    return (context, request) -> service.call(context, change.apply(request));
  }

  /** {@return {@code service} with its response changed} */
  public static <
          C extends @Nullable Object,
          Q extends @Nullable Object,
          R extends @Nullable Object,
          S extends @Nullable Object>
      Service<C, Q, S> mapResponse(
          Service<C, Q, R> service, Function<? super R, ? extends S> change) {
    return (context, request) -> change.apply(service.call(context, request));
  }

  /**
   * {@return {@code service} with its failures changed} Interruption is not a failure and passes
   * unchanged. The change keeps the original as the cause of what it returns.
   */
  public static <C extends @Nullable Object, Q extends @Nullable Object, R extends @Nullable Object>
      Service<C, Q, R> mapFailure(
          Service<C, Q, R> service, Function<? super Exception, ? extends Exception> change) {
    return (context, request) -> {
      try {
        return service.call(context, request);
      } catch (InterruptedException cancelled) {
        throw cancelled;
      } catch (Exception failure) {
        throw change.apply(failure);
      }
    };
  }

  /**
   * {@return the service that sends a request to {@code first} if it passes, else to {@code
   * second}}
   */
  public static <C extends @Nullable Object, Q extends @Nullable Object, R extends @Nullable Object>
      Service<C, Q, R> either(
          Predicate<? super Q> condition, Service<C, Q, R> first, Service<C, Q, R> second) {
    return (context, request) -> (condition.test(request) ? first : second).call(context, request);
  }

  /**
   * Starts a call on a virtual thread of its own: the asynchronous edge.
   *
   * @see AsyncCall#cancel()
   */
  public static <C extends @Nullable Object, Q extends @Nullable Object, R extends @Nullable Object>
      AsyncCall<R> callAsync(Service<C, Q, R> service, C context, Q request) {
    return callAsync(() -> service.call(context, request));
  }

  /** Starts {@code call} on a virtual thread of its own. */
  public static <R extends @Nullable Object> AsyncCall<R> callAsync(Callable<R> call) {
    return AsyncCall.start(call);
  }

  /** A function that may throw. */
  @FunctionalInterface
  public interface Function<A extends @Nullable Object, B extends @Nullable Object> {
    /** {@return the result for {@code value}} */
    B apply(A value) throws Exception;
  }
}
