package io.volare.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import org.junit.jupiter.api.Test;

class RequestStreamTest {
  private final Pipe<String> requests = Pipe.create("Notes/Join", 4, Deadline.NONE);
  private final Pipe<String> responses = Pipe.create("Notes/Join", 4, Deadline.NONE);
  private final RequestStream<String, String> call =
      RequestStream.of("Notes/Join", new Duplex<>(responses.source(), requests.sink()));

  @Test
  void finishingCompletesTheRequestsAndGivesTheResponse() throws Exception {
    call.send("a");
    responses.sink().send("done");
    responses.sink().complete();

    assertThat(call.finish()).isEqualTo("done");

    assertThat(requests.source().receive()).isEqualTo("a");
    assertThat(requests.source().receive()).isNull();
    assertThat(call.finish()).as("the same again").isEqualTo("done");
  }

  @Test
  void aFailureAfterTheResponseIsAFailure() throws Exception {
    responses.sink().send("done");
    responses.fail(RpcException.of(Kind.INTERNAL, "and yet"));

    assertThatThrownBy(call::finish).hasMessage("and yet");
  }

  @Test
  void noResponseAndTwoAreRefused() throws Exception {
    responses.sink().complete();

    assertThatThrownBy(call::finish)
        .hasMessage("Notes/Join: ended with no response (expected: one)");

    Pipe<String> two = Pipe.create("Notes/Join", 4, Deadline.NONE);
    two.sink().send("1");
    two.sink().send("2");
    assertThatThrownBy(
            RequestStream.of("Notes/Join", new Duplex<>(two.source(), requests.sink()))::finish)
        .hasMessage("Notes/Join: a second response (expected: one)");
  }

  @Test
  void theSenderHearsWhyTheCallFailed() {
    requests.source().close();
    responses.fail(RpcException.of(Kind.RESOURCE_EXHAUSTED, "the shelf is full"));

    Throwable thrown = catchThrowable(() -> call.send("a"));

    assertThat(thrown).hasMessage("the shelf is full");
    assertThat(thrown.getSuppressed()).hasSize(1);
  }

  @Test
  void anAnswerBeforeTheEndOfTheRequestsIsTheAnswer() throws Exception {
    responses.sink().send("enough");
    responses.sink().complete();
    requests.source().close();

    call.send("a");
    call.send("b");

    assertThat(call.finish()).isEqualTo("enough");
  }

  @Test
  void closingCancelsWhatHasNotEnded() {
    call.close();

    assertThatThrownBy(() -> responses.sink().send("late"))
        .isInstanceOfSatisfying(
            RpcException.class, late -> assertThat(late.kind()).isEqualTo(Kind.CANCELLED));
  }
}
