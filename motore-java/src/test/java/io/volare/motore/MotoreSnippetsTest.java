package io.volare.motore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.Time.InterruptScope;
import io.volare.motore.testing.ManualTime;
import io.volare.motore.testing.ScriptedService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** The examples of the Javadoc and the README, run. */
class MotoreSnippetsTest {
  @Test
  void stack() throws Exception {
    List<String> log = new ArrayList<>();
    // @start region="stack"
    Layer<CallContext, String, String> logging =
        inner ->
            (context, request) -> {
              log.add("calling " + context.target());
              try {
                return inner.call(context, request);
              } finally {
                log.add("done");
              }
            };

    Service<CallContext, String, String> greeting =
        ServiceBuilder.<CallContext, String, String>create()
            .layer(logging) // the first is the outermost
            .service(Services.of(name -> "Hello, " + name));

    String answer = greeting.call(CallContext.standalone("greeting"), "Ada");
    // @end
    assertThat(answer).isEqualTo("Hello, Ada");
    assertThat(log).containsExactly("calling greeting", "done");
  }

  @Test
  void async() throws Exception {
    Service<CallContext, String, String> greeting = Services.of(name -> "Hello, " + name);
    // @start region="async"
    AsyncCall<String> call =
        Services.callAsync(greeting, CallContext.standalone("greeting"), "Ada");
    String answer = call.join(); // or call.cancel(), which interrupts it
    // @end
    assertThat(answer).isEqualTo("Hello, Ada");
  }

  @Test
  void scope() {
    Time time = Time.SYSTEM;
    Deadline deadline = Deadline.after(Duration.ofMillis(5), time);
    assertThatThrownBy(
            () -> {
              // @start region="scope"
              InterruptScope scope = time.interruptAt(deadline);
              try {
                Thread.sleep(10_000); // any code that blocks and does not look at the deadline
              } catch (InterruptedException interrupted) {
                if (scope.isCauseOf(interrupted)) {
                  throw new TimeoutException("it took too long");
                }
                throw interrupted; // somebody else's
              } finally {
                scope.close();
              }
              // @end
            })
        .isInstanceOf(TimeoutException.class);
  }

  @Test
  void testing() throws Exception {
    // @start region="testing"
    ManualTime time = ManualTime.create();
    ScriptedService<CallContext, String, String> server = ScriptedService.create();
    server.returns("pong");

    assertThat(server.call(CallContext.standalone("ping"), "ping")).isEqualTo("pong");
    time.sleep(Duration.ofHours(1)); // returns at once
    assertThat(time.sleeps()).containsExactly(Duration.ofHours(1));
    // @end
  }
}
