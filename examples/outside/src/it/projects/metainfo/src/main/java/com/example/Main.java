package com.example;

import io.volare.metainfo.Carrying;
import io.volare.metainfo.MetaInfo;

/** A tenant that another thread sees. */
public final class Main {
  private Main() {}

  /** Fails unless it works. */
  public static void main(String[] arguments) throws Exception {
    MetaInfo metaInfo = MetaInfo.create();
    metaInfo.setPersistent("tenant", "blue");
    String[] seen = new String[1];

    MetaInfo.call(
        metaInfo,
        () -> {
          Thread thread =
              Carrying.virtualThreads()
                  .newThread(() -> seen[0] = MetaInfo.current().persistent("tenant"));
          thread.start();
          thread.join();
          return null;
        });

    if (!"blue".equals(seen[0])) {
      throw new AssertionError(seen[0]);
    }
  }
}
