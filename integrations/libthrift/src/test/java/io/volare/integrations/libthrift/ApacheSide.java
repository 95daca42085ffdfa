package io.volare.integrations.libthrift;

import io.volare.rpc.RpcClient;
import io.volare.rpc.ServiceBinding;

/** What the tests ask of code that Apache's compiler generates while they run. */
public interface ApacheSide {
  /** {@return an Apache handler that asks {@code shop}, for our servers} */
  ServiceBinding bind(Shop shop);

  /** {@return the same as the parent service only} */
  ServiceBinding bindCounterOnly(Shop shop);

  /** {@return Apache's interface over our client} */
  Shop client(RpcClient client);

  /** {@return libthrift's own client over its own socket} */
  Running socket(int port, boolean framed) throws Exception;

  /** {@return libthrift's own server, framed, on a free port of the loopback} */
  Running server(Shop shop) throws Exception;

  /** Something to be stopped. */
  record Running(int port, Shop shop, Stop stop) implements AutoCloseable {
    @Override
    public void close() throws Exception {
      stop.stop();
    }
  }

  /** Ends something. */
  interface Stop {
    /** Ends it. */
    void stop() throws Exception;
  }
}
