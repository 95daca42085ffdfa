package io.volare.transport.contract;

import io.volare.metainfo.MetaInfo;
import io.volare.motore.Failure;
import io.volare.motore.Service;
import io.volare.rpc.BusinessException;
import io.volare.rpc.Duplex;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** The server side of the contract. Thread-safe; what the tests want to know is in the queues. */
final class ContractHandler implements Service<RpcContext, Object, @Nullable Object> {
  final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
  final CountDownLatch release = new CountDownLatch(1);
  final MetaInfoPrograms programs = new MetaInfoPrograms();

  @Override
  public @Nullable Object call(RpcContext context, Object request) throws Exception {
    return switch (context.method().name()) {
      case "Echo" -> request;
      case "Nothing" -> null;
      case "Fail" -> fail(((Note) request).text());
      case "Meta" -> meta(context);
      case "Wait" -> waiting((Note) request);
      case "Run" -> run((Note) request);
      case "Log" -> log((Note) request);
      case "Count" -> count(streams(request));
      case "Join" -> join(streams(request));
      case "Chat" -> chat(streams(request));
      default -> throw new IllegalStateException("not offered: " + context.method());
    };
  }

  @SuppressWarnings("unchecked") // the methods of the contract stream notes both ways
  private static Duplex<Note, Note> streams(Object request) {
    return (Duplex<Note, Note>) request;
  }

  private static Note fail(String how) throws NoteRefused {
    switch (how) {
      case "declared" -> throw new NoteRefused("as declared");
      case "business" ->
          throw new BusinessException(404, "not found", Map.of("key", "a \"quoted\" value"));
      default -> throw new IllegalStateException("a secret of the server");
    }
  }

  private static Note meta(RpcContext context) {
    MetaInfo mine = MetaInfo.current();
    mine.setBackward("answered-by", "contract");
    return new Note(
        "%s %s %s %d"
            .formatted(
                mine.persistent("tenant"),
                mine.upstream("hop"),
                context.caller(),
                context.deadline().isFinite()
                    ? context.deadline().remainingNanos() / 1_000_000
                    : -1));
  }

  private Note waiting(Note request) throws InterruptedException {
    events.add("started");
    try {
      release.await();
    } catch (InterruptedException stopped) {
      events.add("interrupted");
      throw stopped;
    }
    return request;
  }

  private Note run(Note request) {
    programs.arrived(request.text());
    return request;
  }

  private @Nullable Object log(Note note) {
    events.add(note.text());
    return null;
  }

  private @Nullable Object count(Duplex<Note, Note> streams) throws InterruptedException {
    Note first = streams.source().receive();
    int most = first == null ? 0 : Integer.parseInt(first.text());
    for (int i = 1; i <= most; i++) {
      streams.sink().send(new Note(Integer.toString(i)));
      MetaInfo.current().setBackward("counted", Integer.toString(i));
    }
    return null;
  }

  private Note join(Duplex<Note, Note> streams) {
    StringBuilder all = new StringBuilder();
    for (Note note : streams.source()) {
      all.append(note.text());
    }
    return new Note(all.toString());
  }

  /** A cancelled stream interrupts its handler, or fails what the handler waits for. */
  private @Nullable Object chat(Duplex<Note, Note> streams) throws InterruptedException {
    try {
      for (Note note = streams.source().receive();
          note != null;
          note = streams.source().receive()) {
        streams.sink().send(new Note("re: " + note.text()));
      }
    } catch (InterruptedException | RpcException stopped) {
      events.add(Failure.kindOf(stopped).name());
      throw stopped;
    }
    return null;
  }
}
