package io.volare.registry.etcd;

import io.volare.rpc.Endpoint;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one instance of a service in etcd, from when it is made until it is closed.
 *
 * <p>In use, after the server has started and before it drains:
 *
 * {@snippet class=io.volare.registry.etcd.EtcdSnippetsTest region=register}
 *
 * <p>It hangs on a lease that a virtual thread renews three times in its length. While etcd cannot
 * be reached it is tried again and again; when the lease is over nevertheless, a new one is taken.
 * If this process dies, etcd drops the instance with the lease. Thread-safe.
 */
public final class EtcdRegistration implements AutoCloseable {
  private final EtcdConfig config;
  private final String service;
  private final Endpoint endpoint;
  private final EtcdClient client;
  private final Trouble trouble;
  private final Thread thread;
  private volatile @Nullable String lease;
  private volatile boolean closed;

  private EtcdRegistration(EtcdConfig config, String service, Endpoint endpoint) {
    this.config = config;
    this.service = service;
    this.endpoint = endpoint;
    this.client = new EtcdClient(config);
    this.trouble = new Trouble(service, config);
    this.thread =
        Thread.ofVirtual().name("volare-etcd-registration-" + service).unstarted(this::run);
  }

  /**
   * {@return an instance on its way into etcd} Does not wait; {@link EtcdListener#registered} tells
   * when it is there.
   *
   * @param endpoint where others reach it: not the wildcard address that a server listens on
   * @throws IllegalArgumentException if others cannot reach it, or the service's name is empty or
   *     has a slash
   */
  public static EtcdRegistration of(EtcdConfig config, String service, Endpoint endpoint) {
    EtcdDiscovery.checkName(service);
    String address = InstanceText.text(endpoint.address());
    if (address.startsWith("0.0.0.0:") || address.startsWith("[::]:") || address.endsWith(":0")) {
      throw new IllegalArgumentException(
          "endpoint: " + address + " (expected: an address that others can connect to)");
    }
    EtcdRegistration registration = new EtcdRegistration(config, service, endpoint);
    registration.thread.start();
    return registration;
  }

  private void run() {
    try {
      while (!closed) {
        try {
          register();
          renewUntilExpired();
        } catch (EtcdException failure) {
          config.time().sleep(trouble.after(failure));
        }
      }
    } catch (InterruptedException cancelled) {
      Thread.currentThread().interrupt(); // closed: nobody else knows this thread
    }
  }

  private void register() throws EtcdException, InterruptedException {
    long seconds = config.leaseTime().plusMillis(999).toSeconds();
    String id = client.call("lease/grant", "{\"TTL\":\"%d\"}".formatted(seconds)).at("ID").text();
    lease = id;
    String key = config.prefix() + "/" + service + "/" + InstanceText.text(endpoint.address());
    client.call(
        "kv/put",
        "{\"key\":%s,\"value\":%s,\"lease\":%s}"
            .formatted(
                EtcdClient.base64(key),
                EtcdClient.base64(InstanceText.written(endpoint)),
                Json.quoted(id)));
    trouble.isOver();
    config.listener().registered(service, endpoint);
  }

  private void renewUntilExpired() throws InterruptedException {
    Duration pause = config.leaseTime().dividedBy(3);
    while (true) {
      config.time().sleep(pause);
      try {
        if (!isRenewed()) {
          config.listener().expired(service, endpoint);
          return;
        }
        trouble.isOver();
        pause = config.leaseTime().dividedBy(3);
      } catch (EtcdException failure) {
        pause = trouble.after(failure);
      }
    }
  }

  private boolean isRenewed() throws EtcdException, InterruptedException {
    Json answer = client.call("lease/keepalive", leaseId());
    return answer.at("TTL").number() > 0;
  }

  private String leaseId() {
    return "{\"ID\":%s}".formatted(Json.quoted(String.valueOf(lease)));
  }

  /**
   * Takes the instance out of etcd. Waits for that, for no longer than the timeout for each member;
   * if it fails, etcd drops the instance when the lease is over.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    thread.interrupt();
    try {
      thread.join(config.timeout());
      if (lease != null) {
        client.call("lease/revoke", leaseId());
      }
    } catch (EtcdException failure) {
      if (!failure.isNotFound()) {
        trouble.ignored(failure);
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    } finally {
      client.close();
    }
  }

  @Override
  public String toString() {
    return service + " at " + endpoint + " in etcd at " + config.members();
  }
}
