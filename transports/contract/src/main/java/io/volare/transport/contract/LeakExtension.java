package io.volare.transport.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class after which a buffer of Netty's was collected that nobody had released. Found
 * by itself where {@code junit.jupiter.extensions.autodetection.enabled} is set; the leak
 * detector's level should be paranoid.
 */
public final class LeakExtension implements BeforeAllCallback, AfterAllCallback {
  private static final List<String> LEAKS = new CopyOnWriteArrayList<>();

  static {
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(
        new ResourceLeakDetectorFactory() {
          @Override
          @SuppressWarnings("deprecation")
          public <T> ResourceLeakDetector<T> newResourceLeakDetector(
              Class<T> resource, int samplingInterval, long maxActive) {
            return newResourceLeakDetector(resource, samplingInterval);
          }

          @Override
          public <T> ResourceLeakDetector<T> newResourceLeakDetector(
              Class<T> resource, int samplingInterval) {
            return new Recorder<>(resource, samplingInterval);
          }
        });
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    watch();
  }

  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    check();
  }

  /** Starts looking; what was made before may not be seen. For extensions that hold this one. */
  public void watch() {
    // the detectors are made by the first use of a buffer, which must come after this class
    ByteBufAllocator.DEFAULT.buffer(1).release();
  }

  /**
   * Looks for what was lost since the last time.
   *
   * @throws AssertionError if a buffer was not released; names it and where it was touched
   */
  public void check() throws InterruptedException {
    for (int i = 0; i < 2; i++) {
      System.gc();
      Thread.sleep(20);
      // leaks are reported when the next buffer is made
      ByteBufAllocator.DEFAULT.buffer(1).release();
    }
    List<String> found = List.copyOf(LEAKS);
    LEAKS.clear();
    assertThat(found).as("buffers that were not released").isEmpty();
  }

  private static final class Recorder<T> extends ResourceLeakDetector<T> {
    Recorder(Class<T> resource, int samplingInterval) {
      super(resource, samplingInterval);
    }

    @Override
    protected boolean needReport() {
      return true;
    }

    @Override
    protected void reportTracedLeak(String resource, String records) {
      super.reportTracedLeak(resource, records);
      LEAKS.add(resource + records);
    }

    @Override
    protected void reportUntracedLeak(String resource) {
      super.reportUntracedLeak(resource);
      LEAKS.add(resource);
    }
  }
}
