package io.volare.registry.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void readsWhatEtcdSends() throws Exception {
    Json json =
        Json.parse(
            " {\"header\":{\"revision\":\"12\"},\"kvs\":[{\"key\":\"YQ==\",\"version\":3},{}],\n"
                + "\"more\":true,\"none\":null,\"real\":-1.5e+3} ");

    assertThat(json.at("header").at("revision").number()).isEqualTo(12);
    assertThat(json.at("kvs").items()).hasSize(2);
    assertThat(json.at("kvs").items().getFirst().at("version").number()).isEqualTo(3);
    assertThat(json.at("more").text()).isEqualTo("true");
    assertThat(json.at("real").text()).isEqualTo("-1.5e+3");
    assertThat(json.at("none").isPresent()).isFalse();
  }

  @Test
  void whatIsNotThereIsNothing() throws Exception {
    Json json = Json.parse("{}");

    assertThat(json.at("a").at("b").text()).isEmpty();
    assertThat(json.at("a").number()).isZero();
    assertThat(json.at("a").items()).isEmpty();
    assertThat(json.at("a").fields()).isEmpty();
  }

  @Test
  void textsSurviveWritingAndReading() throws Exception {
    for (String text : new String[] {"", "a\"b\\c/d", "\n\t\u0001\u007f", "grün \ud83d\ude00"}) {
      assertThat(Json.parse(Json.quoted(text)).text()).isEqualTo(text);
    }
    assertThat(Json.parse("\"\\b\\f\\n\\r\\t\\/\\u00fc\"").text()).isEqualTo("\b\f\n\r\t/ü");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "[1,]",
        "[1 2]",
        "\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "tru",
        "01",
        "1.",
        "nullx",
        "{} {}",
        "{a:1}"
      })
  void refusesWhatIsNotJson(String text) {
    assertThatThrownBy(() -> Json.parse(text))
        .isInstanceOf(MalformedJsonException.class)
        .hasMessageStartingWith("malformed JSON at character ");
  }

  @Test
  void refusesWhatIsNestedTooDeeply() throws Exception {
    assertThat(Json.parse("[".repeat(32) + "]".repeat(32)).items()).hasSize(1);
    assertThatThrownBy(() -> Json.parse("[".repeat(100_000)))
        .hasMessage("malformed JSON at character 32 of 100000 (expected: at most 32 levels)");
  }
}
