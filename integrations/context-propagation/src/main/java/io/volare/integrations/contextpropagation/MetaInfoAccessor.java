package io.volare.integrations.contextpropagation;

import io.micrometer.context.ThreadLocalAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Puts the bound metainfo into every context snapshot, and leaves it where a snapshot is opened.
 * Registered by itself, through {@code ServiceLoader}, in the registry that is shared.
 *
 * <p>A snapshot's scope is open: it is closed by a call, not by the end of a block. A {@code
 * ScopedValue} cannot be bound that way, so {@code MetaInfo.current()} does not see what a snapshot
 * leaves. {@link MetaInfoSnapshots} binds it, for one action.
 */
public final class MetaInfoAccessor implements ThreadLocalAccessor<Object> {
  /** The key in snapshots. */
  public static final String KEY = "volare.metainfo";

  /** Made by {@code ServiceLoader}, or by hand for a registry of one's own. */
  public MetaInfoAccessor() {}

  @Override
  public Object key() {
    return KEY;
  }

  @Override
  public @Nullable Object getValue() {
    return Captured.here();
  }

  @Override
  public void setValue(Object value) {
    ((Captured) value).leave();
  }

  @Override
  public void setValue() {
    Captured.clear();
  }

  @Override
  public void restore(Object previous) {
    ((Captured) previous).restore();
  }
}
