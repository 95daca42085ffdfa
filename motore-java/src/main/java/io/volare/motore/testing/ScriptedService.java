package io.volare.motore.testing;

import io.volare.motore.Service;
import io.volare.motore.Services.Function;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A service that answers by a script, one line for each call, and remembers what it was asked. A
 * call beyond the script is an {@link AssertionError}. Thread-safe.
 *
 * @param <C> the context
 * @param <Q> the request
 * @param <R> the response
 */
public final class ScriptedService<
        C extends @Nullable Object, Q extends @Nullable Object, R extends @Nullable Object>
    implements Service<C, Q, R> {
  private final Queue<Function<? super Q, ? extends R>> script = new ArrayDeque<>();
  private final List<Q> requests = new ArrayList<>();
  private final List<C> contexts = new ArrayList<>();

  /** {@return a service with an empty script} */
  public static <C extends @Nullable Object, Q extends @Nullable Object, R extends @Nullable Object>
      ScriptedService<C, Q, R> create() {
    return new ScriptedService<>();
  }

  private ScriptedService() {}

  /**
   * The next call returns {@code response}.
   *
   * @return this service
   */
  public ScriptedService<C, Q, R> returns(R response) {
    return answers(request -> response);
  }

  /**
   * The next call throws {@code failure}.
   *
   * @return this service
   */
  public ScriptedService<C, Q, R> fails(Exception failure) {
    return answers(request -> {
      throw failure;
    });
  }

  /**
   * The next call runs {@code answer}.
   *
   * @return this service
   */
  public synchronized ScriptedService<C, Q, R> answers(Function<? super Q, ? extends R> answer) {
    script.add(answer);
    return this;
  }

  /** {@return the requests so far, in order} */
  public synchronized List<Q> requests() {
    return List.copyOf(requests);
  }

  /** {@return the contexts of the requests so far, in order} */
  public synchronized List<C> contexts() {
    return List.copyOf(contexts);
  }

  @Override
  public R call(C context, Q request) throws Exception {
    return next(context, request).apply(request);
  }

  private synchronized Function<? super Q, ? extends R> next(C context, Q request) {
    requests.add(request);
    contexts.add(context);
    Function<? super Q, ? extends R> answer = script.poll();
    if (answer == null) {
      throw new AssertionError(
          "call " + requests.size() + " (" + request + ") is not in the script");
    }
    return answer;
  }
}
