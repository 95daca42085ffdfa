package io.volare.pilota.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.volare.codec.thrift.Binary;
import io.volare.codec.thrift.ThriftCodec;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.pilota.tests.shared.Color;
import io.volare.pilota.tests.shared.Money;
import io.volare.pilota.tests.shared.NotFound;
import io.volare.rpc.Address;
import io.volare.rpc.RpcClient;
import io.volare.transport.thrift.ThriftClient;
import io.volare.transport.thrift.ThriftClientConfig;
import io.volare.transport.thrift.ThriftServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GeneratedCodeTest {
  private static Everything everything() {
    return Everything.builder()
        .flag(true)
        .tiny((byte) -1)
        .small((short) -2)
        .medium(3)
        .large(Long.MIN_VALUE)
        .real(0.1)
        .text("grüße")
        .bytes(Binary.of((byte) 0, (byte) 255))
        .id(UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"))
        .color(Color.of(99))
        .prices(List.of(new Money("EUR", 1), new Money("USD", 2)))
        .numbers(Set.of(7))
        .index(Map.of("a", List.of(1, 2)))
        .deep(List.of(Map.of("x", Set.of(1.5))))
        .shape(new Shape.Names(List.of("n")))
        .child(Everything.builder().flag(false).tiny((byte) 0).build())
        .odd("negative id")
        .class_("reserved word")
        .count(0)
        .build();
  }

  private static <T> T copied(T value, ThriftCodec<T> codec) {
    return reread(value, codec, codec);
  }

  private static <T, U> U reread(T value, ThriftCodec<T> written, ThriftCodec<U> read) {
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer();
    try {
      written.write(value, new ThriftWriter(buffer));
      ThriftReader reader = new ThriftReader(buffer);
      U copy = read.read(reader);
      assertThat(reader.remaining()).isZero();
      return copy;
    } finally {
      buffer.release();
    }
  }

  @Test
  void everyTypeComesBackAsItWas() {
    assertThat(copied(everything(), Everything.CODEC)).isEqualTo(everything());
    assertThat(copied(new Empty(), Empty.CODEC)).isEqualTo(new Empty());
  }

  @Test
  void whatIsNotInTheMessageHasItsDefault() {
    Everything little = Everything.builder().flag(true).tiny((byte) 1).build();

    Everything copy = copied(little, Everything.CODEC);

    assertThat(copy.medium()).isEqualTo(42);
    assertThat(copy.text()).isEqualTo("say \"hello\"\n");
    assertThat(copy.other()).isEqualTo(Color.BLUE);
    assertThat(copy.color()).isNull();
    assertThat(copy.prices()).isEmpty();
    assertThat(copy.count()).isNull();
  }

  @Test
  void fieldsThatAReaderDoesNotKnowArePassedOver() {
    assertThat(reread(everything(), Everything.CODEC, Narrow.CODEC)).isEqualTo(new Narrow(3));
  }

  @Test
  void aMissingRequiredFieldIsNamed() {
    assertThatThrownBy(() -> reread(new Narrow(3), Narrow.CODEC, Everything.CODEC))
        .isInstanceOf(ThriftProtocolException.class)
        .hasMessageContaining("Everything.flag");
  }

  @Test
  void anUnknownEnumNumberSurvives() {
    assertThat(Color.of(99).isKnown()).isFalse();
    assertThat(Color.of(16)).isSameAs(Color.BLUE).hasToString("BLUE");
    assertThat(copied(everything(), Everything.CODEC).color().value()).isEqualTo(99);
  }

  @Test
  void aUnionIsOneOfItsMembers() {
    Shape circle = new Shape.Circle(2.5);

    String said =
        switch (copied(circle, Shape.CODEC)) {
          case Shape.Circle(double radius) -> "circle of " + radius;
          case Shape.Price price -> "price";
          case Shape.Names names -> "names";
          case Shape.Unknown unknown -> "unknown";
        };

    assertThat(said).isEqualTo("circle of 2.5");
  }

  @Test
  void aUnionsMemberMayBeCalledAsItsTypeIs() {
    Namesake shape = new Namesake.Shape(new Shape.Circle(1));

    assertThat(copied(shape, Namesake.CODEC)).isEqualTo(shape);
    assertThat(new Namesake.String("text").value()).isEqualTo("text");
    assertThat(new Namesake.List(List.of("a")).value()).containsExactly("a");
  }

  @Test
  void constantsAreWhatTheIdlSays() {
    assertThat(EverythingConstants.ANSWER).isEqualTo(42);
    assertThat(EverythingConstants.RATIO).isEqualTo(-1500.0);
    assertThat(EverythingConstants.NAMES).containsExactly("a", "b");
    assertThat(EverythingConstants.NUMBERS).containsEntry("two", 2);
    assertThat(EverythingConstants.FAVOURITE).isEqualTo(Color.GREEN);
    assertThat(EverythingConstants.PRICE).isEqualTo(new Money("EUR", 250));
    assertThat(EverythingConstants.ID.toString()).startsWith("00112233");
  }

  @Test
  void structsCopyTheCollectionsTheyAreGiven() {
    List<Money> prices = new ArrayList<>(List.of(new Money("EUR", 1)));
    Everything struct = Everything.builder().flag(true).tiny((byte) 0).prices(prices).build();

    prices.clear();

    assertThat(struct.prices()).hasSize(1);
    assertThatThrownBy(() -> struct.prices().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void aServiceAnswersItsClientOverASocket() throws Exception {
    Catalog handler = new Catalog();
    ThriftServer server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .service(CatalogueServer.bind(handler))
            .build();
    server.start();
    try (ThriftClient transport = ThriftClient.to(server.endpoint(), ThriftClientConfig.DEFAULT)) {
      CatalogueClient client =
          CatalogueClient.of(RpcClient.builder("catalogue").transport(transport));

      assertThat(client.ping("x")).isEqualTo("pong x");
      assertThat(client.price("1", Color.RED)).isEqualTo(new Money("RED", 1));
      assertThatThrownBy(() -> client.price("none", Color.RED))
          .isInstanceOfSatisfying(
              NotFound.class, missing -> assertThat(missing.id()).isEqualTo("none"));
      assertThat(client.prices(List.of(new Money("EUR", 5)))).containsExactly(new Money("EUR", 5));
      assertThat(client.count(null)).isEqualTo(-1);
      assertThat(client.shape(new Shape.Circle(1))).isEqualTo(new Shape.Circle(1));
      client.clear();
      client.log("noted");
      assertThat(handler.lines.poll(5, TimeUnit.SECONDS)).isEqualTo("cleared");
      assertThat(handler.lines.poll(5, TimeUnit.SECONDS)).isEqualTo("noted");
    } finally {
      server.stop();
    }
  }

  private static final class Catalog implements Catalogue {
    final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    @Override
    public String ping(String text) {
      return "pong " + text;
    }

    @Override
    public Money price(String id, Color color) throws NotFound {
      if (id.equals("none")) {
        throw new NotFound(id, null);
      }
      return new Money(color.toString(), Long.parseLong(id));
    }

    @Override
    public List<Money> prices(List<Money> known) {
      return known;
    }

    @Override
    public void clear() {
      lines.add("cleared");
    }

    @Override
    public int count(@Nullable Integer least) {
      return least == null ? -1 : least;
    }

    @Override
    public Shape shape(Shape shape) {
      return shape;
    }

    @Override
    public void log(String line) {
      lines.add(line);
    }
  }
}
