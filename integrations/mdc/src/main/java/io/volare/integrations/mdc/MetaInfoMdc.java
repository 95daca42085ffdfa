package io.volare.integrations.mdc;

import static java.util.Objects.requireNonNull;

import io.volare.metainfo.MetaInfo;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Puts metainfo into the logging context for the length of one action, and takes it out again: what
 * stood there before is put back, whatever happens.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.integrations.mdc.MdcSnippetsTest region=wrap}
 *
 * <p>Immutable and thread-safe.
 */
public final class MetaInfoMdc {
  private final MdcConfig config;

  private MetaInfoMdc(MdcConfig config) {
    this.config = config;
  }

  /** {@return one that {@code config} describes} */
  public static MetaInfoMdc of(MdcConfig config) {
    return new MetaInfoMdc(requireNonNull(config, "config"));
  }

  /** {@return what {@code action} returns, run with the bound metainfo in the logging context} */
  public <R extends @Nullable Object, X extends Throwable> R call(
      ScopedValue.CallableOp<? extends R, X> action) throws X {
    return call(MetaInfo.currentOrNull(), action);
  }

  /** {@return what {@code action} returns, run with {@code metaInfo} in the logging context} */
  <R extends @Nullable Object, X extends Throwable> R call(
      @Nullable MetaInfo metaInfo, ScopedValue.CallableOp<? extends R, X> action) throws X {
    if (metaInfo == null) {
      return action.call();
    }
    Deque<Replaced> replaced = new ArrayDeque<>();
    try {
      for (Map.Entry<String, Function<? super MetaInfo, @Nullable String>> each :
          config.values().entrySet()) {
        String value = each.getValue().apply(metaInfo);
        if (value != null) {
          replaced.push(new Replaced(each.getKey(), MDC.get(each.getKey())));
          MDC.put(each.getKey(), printable(value));
        }
      }
      return action.call();
    } finally {
      replaced.forEach(Replaced::putBack);
    }
  }

  /** Values come from other hosts: none of them may begin a line of the log. */
  private static String printable(String value) {
    StringBuilder changed = null;
    for (int i = 0; i < value.length(); i++) {
      if (Character.isISOControl(value.charAt(i))) {
        changed = changed == null ? new StringBuilder(value) : changed;
        changed.setCharAt(i, '?');
      }
    }
    return changed == null ? value : changed.toString();
  }

  /**
   * {@return {@code task}, run with what is bound on its own thread then} Wrap it with {@code
   * Carrying} around that, so that something is bound.
   */
  public Runnable wrap(Runnable task) {
    requireNonNull(task, "task");
    return () ->
        this.<@Nullable Object, RuntimeException>call(() -> {
          task.run();
          return null;
        });
  }

  /** {@return {@code task}, run as {@link #wrap} does} */
  public <R extends @Nullable Object> Callable<R> wrapCallable(Callable<R> task) {
    requireNonNull(task, "task");
    return () -> this.<R, Exception>call(task::call);
  }

  @Override
  public String toString() {
    return "Mdc" + config;
  }

  private record Replaced(String name, @Nullable String before) {
    void putBack() {
      if (before == null) {
        MDC.remove(name);
      } else {
        MDC.put(name, before);
      }
    }
  }
}
