package io.volare.integrations.contextpropagation;

import io.micrometer.context.ContextAccessor;
import io.volare.metainfo.MetaInfo;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lets Micrometer read and write chosen persistent values of a {@link MetaInfo} as it does with any
 * context object: from it into thread locals of the same keys, and from those into it.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.integrations.contextpropagation.ContextPropagationSnippetsTest
 * region=keys}
 *
 * <p>Only the keys named cross, for persistent values go over the wire to everybody.
 */
public final class PersistentAccessor implements ContextAccessor<MetaInfo, MetaInfo> {
  private final Set<String> keys;

  private PersistentAccessor(Set<String> keys) {
    this.keys = keys;
  }

  /** {@return one for these keys, to be registered by {@code registerContextAccessor}} */
  public static PersistentAccessor of(String... keys) {
    return new PersistentAccessor(Set.of(keys));
  }

  @Override
  public Class<? extends MetaInfo> readableType() {
    return MetaInfo.class;
  }

  @Override
  public void readValues(MetaInfo source, Predicate<Object> wanted, Map<Object, Object> values) {
    for (String key : keys) {
      String value = source.persistent(key);
      if (value != null && wanted.test(key)) {
        values.put(key, value);
      }
    }
  }

  @Override
  @SuppressWarnings("unchecked") // the caller names a key of strings
  public <T> @Nullable T readValue(MetaInfo source, Object key) {
    return key instanceof String name && keys.contains(name) ? (T) source.persistent(name) : null;
  }

  @Override
  public Class<? extends MetaInfo> writeableType() {
    return MetaInfo.class;
  }

  @Override
  public MetaInfo writeValues(Map<Object, Object> values, MetaInfo target) {
    for (String key : keys) {
      if (values.get(key) instanceof String value) {
        target.setPersistent(key, value);
      }
    }
    return target;
  }

  @Override
  public String toString() {
    return "PersistentAccessor" + keys;
  }
}
