package io.volare.integrations.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.integrations.junit.idl.Inventory;
import io.volare.integrations.junit.idl.InventoryClient;
import io.volare.integrations.junit.idl.InventoryServer;
import io.volare.integrations.junit.idl.UnknownItem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

// @start region="use"
class ServiceExtensionSnippetsTest {
  @RegisterExtension
  static final ServiceExtension INVENTORY =
      ServiceExtension.thrift(InventoryServer.bind(new Shelf()));

  @Test
  void countsWhatIsThere(InventoryClient inventory) throws Exception {
    assertThat(inventory.count("apple")).isEqualTo(5);
    assertThatThrownBy(() -> inventory.count("moon")).isInstanceOf(UnknownItem.class);
  }

  // @end

  private static final class Shelf implements Inventory {
    @Override
    public int count(String item) throws UnknownItem {
      if (item.equals("moon")) {
        throw new UnknownItem(item);
      }
      return item.length();
    }
  }
}
