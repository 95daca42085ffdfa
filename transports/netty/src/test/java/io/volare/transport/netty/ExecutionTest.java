package io.volare.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutionTest {
  private final Loops loops = Loops.create(Loops.Kind.NIO, 1);
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void close() {
    loops.close();
  }

  /** Without the flag all of this would be the pool, and some of it would hold there too. */
  @BeforeEach
  void loopsCarryVirtualThreads() {
    assertThat(Execution.loopAffine()).hasToString("loop-affine virtual threads");
  }

  private void onLoop(Runnable task) throws Exception {
    loops.group().submit(task).get(20, TimeUnit.SECONDS);
  }

  @Test
  void aLoopAffineCallRunsOnTheLoopsThreadAtOnceAndIsAVirtualThread() throws Exception {
    onLoop(() -> {
      Execution.loopAffine().run(() -> seen.add("call " + Thread.currentThread().isVirtual()));
      seen.add("loop goes on");
    });

    assertThat(seen).containsExactly("call true", "loop goes on");
  }

  @Test
  void itGivesTheLoopBackWhileItWaits() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    onLoop(() ->
        Execution.loopAffine()
            .run(() -> {
              seen.add("waits on loop " + Loops.isLoopThread());
              await(answer);
              seen.add("goes on");
              ended.countDown();
            }));

    onLoop(() -> seen.add("loop is free"));
    answer.countDown();
    await(ended);

    assertThat(seen).containsExactly("waits on loop false", "loop is free", "goes on");
  }

  @Test
  void whatTheLoopCarriesIsWokenAtOnceAndThreadsOfThePoolWhenItHasReadAll() throws Exception {
    AtomicBoolean wake = new AtomicBoolean();
    CountDownLatch ended = new CountDownLatch(2);
    Thread[] carried = new Thread[1];
    onLoop(() ->
        Execution.loopAffine()
            .run(() -> {
              carried[0] = Thread.currentThread();
              parkUntil(wake, "carried", ended);
            }));
    Thread pooled = Thread.startVirtualThread(() -> parkUntil(wake, "of the pool", ended));
    while (pooled.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }

    onLoop(() -> {
      wake.set(true);
      Loops.unpark(pooled);
      Loops.unpark(carried[0]);
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
      while (System.nanoTime() < end && ended.getCount() > 0) {
        Thread.onSpinWait();
      }
      seen.add("the loop has read all");
    });
    await(ended);

    assertThat(seen).containsExactly("carried", "the loop has read all", "of the pool");
  }

  private void parkUntil(AtomicBoolean woken, String name, CountDownLatch ended) {
    while (!woken.get()) {
      LockSupport.park(this);
    }
    seen.add(name);
    ended.countDown();
  }

  @Test
  void aCallThatYieldsGivesTheLoopBackHoweverOften() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    onLoop(() -> {
      Execution.loopAffine()
          .run(() -> {
            seen.add("yields");
            for (int i = 0; i < 100_000; i++) {
              Thread.yield();
            }
            seen.add("goes on");
            ended.countDown();
          });
      seen.add("loop is free");
    });
    await(ended);

    assertThat(seen).containsExactly("yields", "loop is free", "goes on");
  }

  @Test
  void aLockThatAnotherCallHoldsStopsNoLoop() throws Exception {
    ReentrantLock lock = new ReentrantLock();
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(11);
    Runnable holder =
        () -> {
          lock.lock();
          try {
            await(release);
          } finally {
            lock.unlock();
            ended.countDown();
          }
        };
    onLoop(() -> {
      for (int i = 0; i < 11; i++) {
        Execution.loopAffine().run(holder);
      }
    });

    onLoop(() -> seen.add("loop is free"));
    release.countDown();
    await(ended);

    assertThat(seen).containsExactly("loop is free");
  }

  @Test
  void aCallThatOutlivesItsLoopIsCarriedToItsEnd() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    onLoop(() ->
        Execution.loopAffine()
            .run(() -> {
              await(answer);
              ended.countDown();
            }));
    loops.close();

    answer.countDown();

    assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void awayFromALoopItIsAVirtualThreadOfThePool() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);

    Execution.loopAffine()
        .run(() -> {
          seen.add("virtual " + Thread.currentThread().isVirtual());
          ended.countDown();
        });
    await(ended);

    assertThat(seen).containsExactly("virtual true");
  }

  @Test
  void withoutTheFlagItFallsBackToThePoolAndSaysSoOnce() throws Exception {
    String said = run(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));

    assertThat(said)
        .containsOnlyOnce("loop-affine virtual threads need --add-opens java.base/java.lang")
        .contains("calls run on the common pool")
        .contains("execution: virtual threads");
  }

  @Test
  void anExecutableJarCarriesTheFlagInItsManifest(@TempDir Path folder) throws Exception {
    String said = run(List.of("-jar", executable(folder.resolve("main.jar")).toString()));

    assertThat(said).contains("execution: loop-affine virtual threads").doesNotContain("need");
  }

  private static Path executable(Path jar) throws IOException {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.put(Attributes.Name.MAIN_CLASS, Main.class.getName());
    main.putValue("Add-Opens", "java.base/java.lang");
    main.put(
        Attributes.Name.CLASS_PATH,
        Arrays.stream(System.getProperty("java.class.path").split(java.io.File.pathSeparator))
            .map(path -> Path.of(path).toUri().toString())
            .collect(Collectors.joining(" ")));
    String entry = Main.class.getName().replace('.', '/') + ".class";
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest);
        InputStream bytes = Main.class.getClassLoader().getResourceAsStream(entry)) {
      out.putNextEntry(new JarEntry(entry));
      bytes.transferTo(out);
    }
    return jar;
  }

  private static String run(List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  /** Runs in a JVM of its own. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) {
      Execution.loopAffine();
      System.out.println("execution: " + Execution.loopAffine());
    }
  }
}
