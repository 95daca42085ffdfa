package io.volare.layers.discovery;

import io.volare.rpc.Address;
import java.util.Arrays;

/**
 * Where the attempts of one call have gone. They may run at the same time: guarded by its monitor.
 * A few addresses at most, so they are looked up one by one.
 */
final class Tried {
  private static final Address[] NONE = {};

  private Address[] addresses = NONE;

  synchronized boolean isEmpty() {
    return addresses.length == 0;
  }

  synchronized boolean contains(Address address) {
    for (Address each : addresses) {
      if (each.equals(address)) {
        return true;
      }
    }
    return false;
  }

  synchronized void add(Address address) {
    if (!contains(address)) {
      addresses = Arrays.copyOf(addresses, addresses.length + 1);
      addresses[addresses.length - 1] = address;
    }
  }
}
