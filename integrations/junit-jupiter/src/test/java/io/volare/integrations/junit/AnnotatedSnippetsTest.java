package io.volare.integrations.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.integrations.junit.idl.InventoryClient;
import io.volare.integrations.junit.idl.InventoryServer;
import io.volare.rpc.ServiceBinding;
import org.junit.jupiter.api.Test;

// @start region="use"
@ServiceTest
class AnnotatedSnippetsTest {
  @Offered static final ServiceBinding INVENTORY = InventoryServer.bind(String::length);

  @Test
  void countsWhatIsThere(InventoryClient inventory) throws Exception {
    assertThat(inventory.count("apple")).isEqualTo(5);
  }
}
// @end
