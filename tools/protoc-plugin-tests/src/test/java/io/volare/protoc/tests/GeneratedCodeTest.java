package io.volare.protoc.tests;

import static io.volare.protoc.tests.Store.item;
import static io.volare.protoc.tests.Store.stock;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos;
import com.google.protobuf.Empty;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.motore.Failure.Kind;
import io.volare.protoc.tests.editions.Edition2024Proto.Bound;
import io.volare.protoc.tests.editions.Edition2023.Note;
import io.volare.protoc.tests.editions.Notes2023;
import io.volare.protoc.tests.editions.Notes2023Client;
import io.volare.protoc.tests.editions.Notes2023Server;
import io.volare.protoc.tests.editions.Notes2024Methods;
import io.volare.protoc.tests.names.Clash_Methods;
import io.volare.protoc.tests.names.ECHO;
import io.volare.protoc.tests.names.NothingMethods;
import io.volare.protoc.tests.names.ObscuredMethods;
import io.volare.protoc.tests.names.old;
import io.volare.protoc.tests.shop.Inventory;
import io.volare.protoc.tests.shop.InventoryClient;
import io.volare.protoc.tests.shop.InventoryMethods;
import io.volare.protoc.tests.shop.InventoryServer;
import io.volare.protoc.tests.shop.Item;
import io.volare.protoc.tests.shop.Stock;
import io.volare.protoc.tests.shop.parts.PartsOuterClass.Total;
import io.volare.protoc.tests.small.SmallMethods;
import io.volare.rpc.CallOptions;
import io.volare.rpc.Duplex;
import io.volare.rpc.RequestStream;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.rpc.ServiceBinding;
import io.volare.rpc.Source;
import io.volare.transport.inprocess.InProcessClient;
import io.volare.transport.inprocess.InProcessServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GeneratedCodeTest {
  private final Store store = new Store();
  private final InProcessServer server =
      InProcessServer.builder("generated")
          .service(InventoryServer.bind(store))
          .service(Notes2023Server.bind(note -> note))
          .build();
  private final RpcClient rpcClient =
      RpcClient.builder("inventory").transport(InProcessClient.to("generated"));
  private final InventoryClient client = InventoryClient.of(rpcClient);

  /** Else 4.36.2 fails where the first class it sees is of a file that imports java_features. */
  @BeforeAll
  static void protobufJavaBegins() {
    DescriptorProtos.getDescriptor();
  }

  @BeforeEach
  void start() {
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  @Test
  void aUnaryCallIsAMethodCall() throws Exception {
    assertThat(client.count(item("apple"))).isEqualTo(stock("apple", 5));
    assertThat(client.parts(item("apple")).getPart(0).getName()).isEqualTo("apple");
  }

  @Test
  void aServerStreamIsReadInAForLoop() throws Exception {
    List<Stock> read = new ArrayList<>();

    try (Source<Stock> all = client.list(Empty.getDefaultInstance())) {
      for (Stock stock : all) {
        read.add(stock);
      }
    }

    assertThat(read).hasSize(1000).last().isEqualTo(stock("item", 1000));
  }

  @Test
  void leavingTheTryBlockOfAServerStreamStopsItsHandler() throws Exception {
    try (Source<Stock> all = client.list(Empty.getDefaultInstance())) {
      assertThat(all.receive()).isEqualTo(stock("item", 1));
    }

    assertThat(store.cancelled.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aClientStreamIsSentInALoopAndFinished() throws Exception {
    try (RequestStream<Stock, Total> arriving = client.putAway()) {
      for (int i = 1; i <= 100; i++) {
        arriving.send(stock("item", i));
      }

      assertThat(arriving.finish().getCount()).isEqualTo(5050);
    }
  }

  @Test
  void aFailureInAClientStreamReachesTheSender() throws Exception {
    try (RequestStream<Stock, Total> arriving = client.putAway()) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 100; i++) {
                  arriving.send(stock("item", -1));
                }
              })
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("count: -1 (expected: >= 0)");
    }
  }

  @Test
  void aStreamBothWaysGoesBackAndForth() throws Exception {
    try (Duplex<Stock, Item> watch = client.watch()) {
      for (String name : List.of("a", "bb", "ccc")) {
        watch.sink().send(item(name));
        assertThat(watch.source().receive()).isEqualTo(stock(name, name.length()));
      }
      watch.sink().complete();
      assertThat(watch.source().receive()).isNull();
    }
  }

  @Test
  void aFailureIsUncheckedAndKeepsItsKind() {
    assertThatThrownBy(() -> client.count(item("")))
        .isInstanceOfSatisfying(
            RpcException.class, failure -> assertThat(failure.kind()).isEqualTo(Kind.INTERNAL))
        .hasMessageContaining("an item without a name");
  }

  @Test
  void optionsHoldForTheClientTheyWereGivenTo() throws Exception {
    InventoryClient hurried = client.with(CallOptions.DEFAULT.withTimeout(Duration.ofNanos(1)));

    assertThatThrownBy(() -> hurried.count(item("apple")))
        .isInstanceOfSatisfying(
            RpcException.class, late -> assertThat(late.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED));
    assertThat(client.count(item("apple"))).isNotNull();
  }

  /** A double of a service without streams needs no transport. */
  @Test
  void aClientWithoutStreamsIsTheServiceItself() throws Exception {
    Notes2023 notes = Notes2023Client.of(rpcClient);
    Note note = Note.newBuilder().setText("hello").build();

    assertThat(notes.echo(note)).isEqualTo(note);
    assertThat(Inventory.class.isAssignableFrom(InventoryClient.class)).isFalse();
  }

  @Test
  void methodsKnowWhatTheIdlSaysOfThem() {
    assertThat(InventoryMethods.COUNT.idempotent()).isTrue();
    assertThat(InventoryMethods.SET.idempotent()).isTrue();
    assertThat(InventoryMethods.LIST.idempotent()).isFalse();
    assertThat(InventoryMethods.PUT_AWAY.fullName()).isEqualTo("shop.Inventory/put_away");
    assertThat(InventoryMethods.ALL.values())
        .extracting(ProtobufMethod::name)
        .containsExactlyInAnyOrder("Count", "List", "put_away", "Watch", "Set", "Parts");
    assertThat(InventoryMethods.descriptor().getFile().getName()).isEqualTo("shop/inventory.proto");
    assertThat(SmallMethods.ALL).hasSize(1);
    assertThat(NothingMethods.ALL).isEmpty();
  }

  @Test
  void whatTheIdlDeprecatesIsDeprecated() throws Exception {
    for (Class<?> type : List.of(Inventory.class, InventoryClient.class)) {
      assertThat(type.getMethod("set", Stock.class))
          .matches(each -> deprecated(each::getAnnotation));
      assertThat(type.getMethod("count", Item.class))
          .matches(each -> !deprecated(each::getAnnotation));
    }
    assertThat(old()).matches(each -> deprecated(each::getAnnotation));
  }

  private static boolean deprecated(
      java.util.function.Function<Class<Deprecated>, Deprecated> annotation) {
    return annotation.apply(Deprecated.class) != null;
  }

  @SuppressWarnings("deprecation") // that is what is tested
  private static Class<?> old() {
    return old.class;
  }

  @Test
  void namesThatWouldMeetInJavaAreKeptApart() {
    assertThat(Clash_Methods.ALL.keySet()).contains("class", "Class", "get_it", "GetIt");
    assertThat(Clash_Methods.GET_IT.name()).isEqualTo("get_it");
    assertThat(Clash_Methods.GET_IT_.name()).isEqualTo("GetIt");
    assertThat(Clash_Methods.ALL_.name()).isEqualTo("ALL");
    assertThat(ObscuredMethods.ECHO_.request()).isSameAs(ECHO.parser());
    assertThat(Clash_Methods.CLASS_.service()).isEqualTo("awkward.names.Clash");
  }

  @Test
  void editionsPutTheirClassesWhereProtocDoes() {
    assertThat(Notes2024Methods.INSIDE.response()).isSameAs(Bound.parser());
    assertThat(Notes2024Methods.descriptor().getFullName()).isEqualTo("editions.y2024.Notes2024");
  }

  @Test
  void aServerStreamWithoutARequestIsRefused() throws Exception {
    ServiceBinding binding = InventoryServer.bind(store);
    try (Duplex<Stock, Object> stream = open()) {
      stream.sink().complete();
      assertThatThrownBy(() -> stream.source().receive())
          .isInstanceOfSatisfying(
              RpcException.class, wrong -> assertThat(wrong.kind()).isEqualTo(Kind.PROTOCOL))
          .hasMessage("shop.Inventory/List: ended with no request (expected: one)");
    }
    assertThat(binding.service()).isEqualTo("shop.Inventory");
  }

  @SuppressWarnings("unchecked") // a streaming method answers with its two ends
  private Duplex<Stock, Object> open() throws Exception {
    return (Duplex<Stock, Object>) rpcClient.call(InventoryMethods.LIST, Duplex.NO_REQUEST);
  }
}
