package io.volare.motore;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What every call context keeps: deadline, attempt number, attributes and end hooks. A context of
 * your own extends it and adds its facts.
 *
 * <p>Owned by one thread. Only the facts of the whole call are shared between attempts, behind
 * their own lock.
 */
public abstract class BaseContext implements CallContext {
  private final int attempt;
  private boolean endedWell;
  private Deadline deadline;
  private @Nullable Object[] attributes = NOTHING;
  private @Nullable CallFacts facts;

  private static final @Nullable Object[] NOTHING = {};

  /** Starts the context of a call's first attempt, without a deadline. */
  protected BaseContext() {
    attempt = 1;
    deadline = Deadline.NONE;
  }

  /** Starts one more attempt of the call that {@code origin} belongs to. */
  protected BaseContext(BaseContext origin, int attempt) {
    if (attempt < 1) {
      throw new IllegalArgumentException("attempt: " + attempt + " (expected: >= 1)");
    }
    this.attempt = attempt;
    this.deadline = origin.deadline;
    this.facts = origin.facts();
  }

  @Override
  public final Deadline deadline() {
    return deadline;
  }

  @Override
  public final void deadline(Deadline deadline) {
    this.deadline = requireNonNull(deadline, "deadline");
  }

  @Override
  public final int attempt() {
    return attempt;
  }

  @Override
  @SuppressWarnings("unchecked") // set() stores only a T under an Attribute<T>
  public final <T> @Nullable T get(Attribute<T> attribute) {
    if (!attribute.isPerCall()) {
      return (T) find(attributes, attribute);
    }
    return facts == null ? null : (T) facts.get(attribute);
  }

  @Override
  public final <T> void set(Attribute<T> attribute, @Nullable T value) {
    if (attribute.isPerCall()) {
      facts().set(attribute, value);
    } else {
      attributes = with(attributes, attribute, value);
    }
  }

  /** {@return whether no attempt has run with this context, nor left anything in it} */
  final boolean isFresh() {
    return attempt == 1 && attributes == NOTHING;
  }

  @Override
  public void adopt(CallContext winner) {
    attributes = ((BaseContext) winner).attributes;
  }

  @Override
  public final void onEnd(EndHook hook) {
    facts().add(requireNonNull(hook, "hook"));
  }

  /**
   * Ends the call: runs the end hooks, the first time it is called. Called by the edge that started
   * the call, when its response or its stream has come to an end.
   */
  public final void end(@Nullable Throwable failure) {
    if (facts == null && failure == null) {
      endedWell = true; // nobody waits for it, and a context that nobody asked costs nothing
    } else {
      facts().end(failure);
    }
  }

  private CallFacts facts() {
    CallFacts known = facts;
    if (known == null) {
      known = new CallFacts(endedWell);
      facts = known;
    }
    return known;
  }

  private static @Nullable Object find(@Nullable Object[] pairs, Attribute<?> attribute) {
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i] == attribute) {
        return pairs[i + 1];
      }
    }
    return null;
  }

  private static @Nullable Object[] with(
      @Nullable Object[] pairs, Attribute<?> attribute, @Nullable Object value) {
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i] == attribute) {
        @Nullable Object[] changed = pairs.clone();
        changed[i + 1] = value;
        return changed;
      }
    }
    @Nullable Object[] longer = Arrays.copyOf(pairs, pairs.length + 2);
    longer[pairs.length] = attribute;
    longer[pairs.length + 1] = value;
    return longer;
  }

  /** What all attempts of one call share. Guarded by its own monitor. */
  private static final class CallFacts {
    private @Nullable Object[] attributes = NOTHING;
    private @Nullable Hooks hooks;
    private @Nullable Throwable failure;
    private boolean ended;

    CallFacts(boolean ended) {
      this.ended = ended;
    }

    synchronized @Nullable Object get(Attribute<?> attribute) {
      return find(attributes, attribute);
    }

    synchronized void set(Attribute<?> attribute, @Nullable Object value) {
      attributes = with(attributes, attribute, value);
    }

    void add(EndHook hook) {
      synchronized (this) {
        if (!ended) {
          hooks = new Hooks(hook, hooks);
          return;
        }
      }
      run(hook, failure);
    }

    void end(@Nullable Throwable failure) {
      Hooks ending;
      synchronized (this) {
        if (ended) {
          return;
        }
        ended = true;
        this.failure = failure;
        ending = hooks;
        hooks = null;
      }
      for (; ending != null; ending = ending.earlier) {
        run(ending.hook, failure);
      }
    }

    /**
     * A hook gives something back that is held for the call. One that breaks its promise not to
     * throw keeps no other from doing so and changes no call's outcome, so its defect goes where
     * the JVM sends what nobody can catch.
     */
    private static void run(EndHook hook, @Nullable Throwable failure) {
      try {
        hook.ended(failure);
      } catch (Throwable defect) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, defect);
      }
    }
  }

  /** End hooks, the last one added first. */
  private record Hooks(EndHook hook, @Nullable Hooks earlier) {}
}
