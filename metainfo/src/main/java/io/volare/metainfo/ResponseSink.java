package io.volare.metainfo;

import org.jspecify.annotations.Nullable;

/** Where the forks of one call leave what goes back with its response. Guarded by its monitor. */
final class ResponseSink {
  private Entries entries = Entries.EMPTY;
  private boolean closed;

  synchronized void set(MetaInfoLimits limits, String key, String value) {
    if (closed) {
      throw new IllegalStateException(
          "backward value " + key + ": the response of this call has gone out already");
    }
    entries = limits.with(entries, Entries.EMPTY, Entries.EMPTY, key, value);
  }

  synchronized @Nullable String get(String key) {
    return entries.get(key);
  }

  synchronized Entries entries() {
    return entries;
  }

  synchronized void close() {
    closed = true;
  }
}
