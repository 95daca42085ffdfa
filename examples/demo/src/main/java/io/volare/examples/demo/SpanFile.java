package io.volare.examples.demo;

import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** Spans in a folder that all processes share: each appends to its own file. */
final class SpanFile implements SpanExporter {
  private static final String ENDING = ".spans";

  private final String process;
  private final Path file;

  private SpanFile(Path folder, String process) {
    this.process = process;
    this.file = folder.resolve(process + ENDING);
  }

  /** {@return telemetry whose spans end up in {@code folder}} */
  static OpenTelemetrySdk openTelemetry(Path folder, String process) {
    return OpenTelemetrySdk.builder()
        .setTracerProvider(
            SdkTracerProvider.builder()
                .addSpanProcessor(SimpleSpanProcessor.create(new SpanFile(folder, process)))
                .build())
        .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
        .build();
  }

  /** A span as it was written down. */
  record Line(
      String process,
      String trace,
      String span,
      String parent,
      String name,
      String kind,
      boolean failed,
      long millis) {}

  /** {@return every span of every process so far} */
  static List<Line> read(Path folder) throws IOException {
    List<Line> spans = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(ENDING)).toList()) {
        for (String line : Files.readAllLines(file)) {
          String[] parts = line.split("\t");
          spans.add(
              new Line(
                  parts[0],
                  parts[1],
                  parts[2],
                  parts[3],
                  parts[4],
                  parts[5],
                  Boolean.parseBoolean(parts[6]),
                  Long.parseLong(parts[7])));
        }
      }
    }
    return spans;
  }

  /** Removes the folder with all that its processes wrote. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.delete(folder);
  }

  @Override
  public synchronized CompletableResultCode export(Collection<SpanData> spans) {
    StringBuilder lines = new StringBuilder();
    for (SpanData span : spans) {
      lines.append(
          String.join(
              "\t",
              process,
              span.getTraceId(),
              span.getSpanId(),
              span.getParentSpanId(),
              span.getName(),
              span.getKind().toString(),
              Boolean.toString(span.getStatus().getStatusCode() == StatusCode.ERROR),
              Long.toString((span.getEndEpochNanos() - span.getStartEpochNanos()) / 1_000_000)));
      lines.append('\n');
    }
    try {
      Files.writeString(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException unwritable) {
      throw new UncheckedIOException(unwritable);
    }
    return CompletableResultCode.ofSuccess();
  }

  @Override
  public CompletableResultCode flush() {
    return CompletableResultCode.ofSuccess();
  }

  @Override
  public CompletableResultCode shutdown() {
    return CompletableResultCode.ofSuccess();
  }
}
