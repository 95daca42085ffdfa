package io.volare.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BusinessExtraTest {
  @Test
  void whatIsWrittenIsAsciiAndComesBack() {
    Map<String, String> extra = new LinkedHashMap<>();
    extra.put("plain", "7");
    extra.put("a \"quoted\" \\ key", "line\nbreak\t\u0000");
    extra.put("ä", "\uD83D\uDE00");

    String json = BusinessExtra.write(extra);

    assertThat(json).isPrintable();
    assertThat(BusinessExtra.read(json)).containsExactlyEntriesOf(extra);
  }

  @Test
  void whatOthersWriteIsRead() {
    assertThat(BusinessExtra.read("{ \"a\" : \"ä\\/\", \"b\":\"\\u00e4\\n\" }"))
        .containsExactly(Map.entry("a", "ä/"), Map.entry("b", "ä\n"));
  }

  @Test
  void nothingIsNoExtras() {
    assertThat(BusinessExtra.read(null)).isEmpty();
    assertThat(BusinessExtra.write(Map.of())).isEqualTo("{}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":\"1\",\"b",
        "{\"a\":\"1\",\"b\":",
        "{\"a\":\"1\",\"b\":\"2",
        "{\"a\":\"1\",\"b\":\"\\"
      })
  void whatIsCutGivesWhatCameBefore(String json) {
    assertThat(BusinessExtra.read(json)).containsExactly(Map.entry("a", "1"));
  }
}
