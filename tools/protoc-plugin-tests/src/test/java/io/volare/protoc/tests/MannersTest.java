package io.volare.protoc.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people read of the generated code; a change of manners shows in the golden files. */
class MannersTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "shop/Inventory", "shop/InventoryClient", "shop/InventoryServer", "shop/InventoryMethods",
        "names/Clash_", "names/Clash_Client", "names/oldServer", "editions/Notes2023Client"
      })
  void generatedCodeReadsAsItDid(String name) throws Exception {
    Path generated =
        Path.of("target/generated-test-sources/protobuf/io/volare/protoc/tests/" + name + ".java");

    assertThat(Files.readString(generated))
        .isEqualTo(Files.readString(Path.of("src/test/golden/" + name + ".txt")));
  }
}
