package io.volare.integrations.contextpropagation;

import io.volare.metainfo.MetaInfo;
import org.jspecify.annotations.Nullable;

/**
 * The metainfo in a snapshot, or left by one on a thread. Immutable but for the metainfo itself,
 * which is a fork that nobody writes to.
 */
final class Captured {
  /** What snapshots left on this thread. Never bound, for an open scope cannot bind. */
  private static final ThreadLocal<Captured> LEFT = new ThreadLocal<>();

  private final MetaInfo metaInfo;

  /** What was bound where it was left; a binding made later than that wins. */
  private final @Nullable MetaInfo boundBefore;

  /** What stood on the thread where it was captured: itself, if it was left there. */
  private final @Nullable Captured leftThere;

  private Captured(MetaInfo bound, @Nullable Captured leftThere) {
    this.metaInfo = bound.fork();
    this.boundBefore = bound;
    this.leftThere = leftThere;
  }

  private Captured(Captured origin) {
    this.metaInfo = origin.metaInfo;
    this.boundBefore = MetaInfo.currentOrNull();
    this.leftThere = this;
  }

  /** {@return what is in force on this thread: the later of the binding and what was left} */
  static @Nullable Captured here() {
    MetaInfo bound = MetaInfo.currentOrNull();
    Captured here = LEFT.get();
    if (here != null && here.boundBefore == bound) {
      return here;
    }
    return bound == null ? null : new Captured(bound, here);
  }

  /** {@return what was left on this thread, unless something was bound since; or null} */
  static @Nullable MetaInfo leftHere() {
    Captured here = LEFT.get();
    return here != null && here.boundBefore == MetaInfo.currentOrNull() ? here.metaInfo : null;
  }

  /** Leaves it on this thread. */
  void leave() {
    LEFT.set(new Captured(this));
  }

  /** Puts back what stood here; what was bound needs nothing, for its scope never ended. */
  void restore() {
    if (leftThere == null) {
      LEFT.remove();
    } else {
      LEFT.set(leftThere);
    }
  }

  static void clear() {
    LEFT.remove();
  }

  @Override
  public String toString() {
    return metaInfo.toString();
  }
}
