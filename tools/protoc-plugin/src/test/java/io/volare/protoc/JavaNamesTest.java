package io.volare.protoc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JavaNamesTest {
  @ParameterizedTest
  @CsvSource({
    "GetItem, getItem",
    "get_item, getItem",
    "GET, get",
    "X, x",
    "class, class_",
    "URLOf, uRLOf",
    "_, __",
    "_2d, _2d",
    "get__it_, getIt"
  })
  void methodsAreLowerCamelCase(String name, String method) {
    assertThat(JavaNames.method(name)).isEqualTo(method);
  }

  @Test
  void namesThatMeetAreKeptApart() {
    assertThat(JavaNames.methods(List.of("GetIt", "get_it", "getIt_")))
        .containsExactly("getIt", "getIt_", "getIt__");
    assertThat(JavaNames.constants(List.of("all", "getURL", "getUrl"), Set.of("ALL")))
        .containsExactly("ALL_", "GET_URL", "GET_URL_");
  }

  @ParameterizedTest
  @CsvSource({
    "foo_bar, FooBar",
    "foo-bar.v1, FooBarV1",
    "a1b, A1B",
    "FOO, FOO",
    "edition_2023, Edition2023"
  })
  void filesBecomeClassesAsProtocNamesThem(String file, String name) {
    assertThat(JavaNames.ofFile(file)).isEqualTo(name);
  }
}
