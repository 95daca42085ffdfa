package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * One TLS setting at work, and again when its files change. Thread-safe.
 *
 * <p>A change serves new connections; those that are open keep what they have. Files that cannot be
 * used, as while they are being replaced, leave everything as it is, and are told in the log.
 */
final class TlsContext {
  private static final System.Logger LOG = System.getLogger(TlsContext.class.getName());

  private final Recipe recipe;
  private final List<Path> files;
  private final Duration handshake;
  private final Duration reload;
  private SslContext current;
  private String stamp;

  /** What was told to be unusable; it is tried again, and not told again. */
  private String unusableStamp = "";

  private long lookedNanos = System.nanoTime();

  private TlsContext(Recipe recipe, List<Path> files, Duration handshake, Duration reload) {
    this.recipe = recipe;
    this.files = files;
    this.handshake = handshake;
    this.reload = reload;
    stamp = TlsFiles.stamp(files);
    try {
      current = recipe.make();
    } catch (IOException | GeneralSecurityException unusable) {
      throw RpcException.notExecuted(
          Kind.FAILED_PRECONDITION, "TLS: " + unusable.getMessage(), unusable);
    }
  }

  /**
   * {@return what {@code config} says, for a server}
   *
   * @throws RpcException of kind {@code FAILED_PRECONDITION} if files cannot be used
   */
  static TlsContext server(TlsServerConfig config, Collection<String> alpn) {
    return new TlsContext(
        () -> serverContext(config, alpn),
        files(config.identity(), config.clients()),
        config.handshake(),
        config.reload());
  }

  /**
   * {@return what {@code config} says, for a client}
   *
   * @throws RpcException of kind {@code FAILED_PRECONDITION} if files cannot be used
   */
  static TlsContext client(TlsClientConfig config, Collection<String> alpn) {
    return new TlsContext(
        () -> clientContext(config, alpn),
        files(config.identity(), config.trust()),
        config.handshake(),
        config.reload());
  }

  private static List<Path> files(@Nullable TlsIdentity identity, @Nullable TlsTrust trust) {
    List<Path> files = new ArrayList<>();
    if (identity instanceof TlsIdentity.Pem(Path chain, Path key)) {
      files.add(chain);
      files.add(key);
    }
    if (trust instanceof TlsTrust.Pem(Path authorities)) {
      files.add(authorities);
    }
    return files;
  }

  private static SslContext serverContext(TlsServerConfig config, Collection<String> alpn)
      throws IOException, GeneralSecurityException {
    SslContextBuilder builder =
        switch (config.identity()) {
          case TlsIdentity.Managed(var manager) -> SslContextBuilder.forServer(manager);
          case TlsIdentity.Held(var key, var chain) ->
              SslContextBuilder.forServer(key, array(chain));
          case TlsIdentity.Pem(Path file, Path key) -> {
            List<X509Certificate> chain = TlsFiles.certificates(file);
            yield SslContextBuilder.forServer(TlsFiles.key(key, chain.getFirst()), array(chain));
          }
        };
    TlsTrust clients = config.clients();
    if (clients != null) {
      builder.clientAuth(ClientAuth.REQUIRE).trustManager(manager(clients));
    }
    return common(builder, config.provider(), alpn).build();
  }

  private static SslContext clientContext(TlsClientConfig config, Collection<String> alpn)
      throws IOException, GeneralSecurityException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .trustManager(manager(config.trust()))
            .endpointIdentificationAlgorithm(config.insecureAnyHost() ? "" : "HTTPS");
    switch (config.identity()) {
      case TlsIdentity.Managed(var manager) -> builder.keyManager(manager);
      case TlsIdentity.Held(var key, var chain) -> builder.keyManager(key, array(chain));
      case TlsIdentity.Pem(Path file, Path key) -> {
        List<X509Certificate> chain = TlsFiles.certificates(file);
        builder.keyManager(TlsFiles.key(key, chain.getFirst()), array(chain));
      }
      case null -> {}
    }
    return common(builder, config.provider(), alpn).build();
  }

  private static X509Certificate[] array(List<X509Certificate> chain) {
    return chain.toArray(X509Certificate[]::new);
  }

  private static X509TrustManager manager(TlsTrust trust)
      throws IOException, GeneralSecurityException {
    return switch (trust) {
      case TlsTrust.System() -> TlsFiles.trusting(null);
      case TlsTrust.Held(var authorities) -> TlsFiles.trusting(authorities);
      case TlsTrust.Pem(Path file) -> TlsFiles.trusting(TlsFiles.certificates(file));
      case TlsTrust.Managed(var manager) ->
          manager instanceof X509ExtendedTrustManager ? manager : new HostCheckingTrust(manager);
    };
  }

  private static SslContextBuilder common(
      SslContextBuilder builder, TlsProvider provider, Collection<String> alpn) {
    builder.protocols("TLSv1.3", "TLSv1.2").sslProvider(netty(provider));
    if (!alpn.isEmpty()) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              Protocol.ALPN,
              SelectorFailureBehavior.NO_ADVERTISE,
              SelectedListenerFailureBehavior.ACCEPT,
              List.copyOf(alpn)));
    }
    return builder;
  }

  private static SslProvider netty(TlsProvider provider) {
    if (provider == TlsProvider.JDK) {
      return SslProvider.JDK;
    }
    if (OpenSsl.isAvailable()) {
      return SslProvider.OPENSSL; // a context lives as long as what was made from it
    }
    if (provider == TlsProvider.FASTEST) {
      return SslProvider.JDK;
    }
    throw new IllegalStateException(
        "OpenSSL is not available: add io.netty:netty-tcnative-boringssl-static with the classifier"
            + " of this platform, or use TlsProvider.FASTEST");
  }

  /** {@return a handler for one connection of a server} */
  synchronized SslHandler handler(ByteBufAllocator allocator) {
    return limited(current.newHandler(allocator));
  }

  /** {@return a handler for one connection of a client to {@code host}} */
  synchronized SslHandler handler(ByteBufAllocator allocator, String host, int port) {
    return limited(current.newHandler(allocator, host, port));
  }

  private SslHandler limited(SslHandler handler) {
    handler.setHandshakeTimeoutMillis(handshake.toMillis());
    return handler;
  }

  /** Looks at the files, unless that was done a moment ago; reads them if they have changed. */
  void reloadIfDue() {
    synchronized (this) {
      long now = System.nanoTime();
      if (files.isEmpty() || now - lookedNanos < reload.toNanos()) {
        return;
      }
      lookedNanos = now;
    }
    reloadIfChanged();
  }

  private void reloadIfChanged() {
    String now = TlsFiles.stamp(files);
    if (now.equals(stamp())) {
      return;
    }
    try {
      replace(recipe.make(), now);
      LOG.log(System.Logger.Level.INFO, "TLS: read again: " + files);
    } catch (IOException | GeneralSecurityException | RuntimeException unusable) {
      if (isNews(now)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "TLS: what has changed cannot be used, the former stays: " + unusable.getMessage());
      }
    }
  }

  /**
   * Reads the files now, whether they have changed or not.
   *
   * @throws RpcException of kind {@code FAILED_PRECONDITION} if they cannot be used; what was read
   *     before stays
   */
  void reload() {
    String now = TlsFiles.stamp(files);
    try {
      replace(recipe.make(), now);
    } catch (IOException | GeneralSecurityException | IllegalArgumentException unusable) {
      throw RpcException.notExecuted(
          Kind.FAILED_PRECONDITION,
          "TLS: cannot be used, the former stays: " + unusable.getMessage(),
          unusable);
    }
  }

  private synchronized String stamp() {
    return stamp;
  }

  private synchronized boolean isNews(String unusable) {
    boolean news = !unusable.equals(unusableStamp);
    unusableStamp = unusable;
    return news;
  }

  /** Connections that are open hold on to the context they were made from. */
  private synchronized void replace(SslContext next, String stamp) {
    SslContext former = current;
    current = next;
    this.stamp = requireNonNull(stamp);
    ReferenceCountUtil.release(former);
  }

  /** Looks at the files again and again, on a thread of its own, until that is interrupted. */
  @Nullable Thread watch() {
    if (files.isEmpty()) {
      return null;
    }
    return Thread.ofVirtual().name("volare-tls-reload").start(this::watching);
  }

  private void watching() {
    try {
      while (true) {
        Thread.sleep(reload);
        reloadIfChanged();
      }
    } catch (InterruptedException stopped) {
      // the port has ended
    }
  }

  /** Makes a context from what the files hold now. */
  @FunctionalInterface
  private interface Recipe {
    SslContext make() throws IOException, GeneralSecurityException;
  }
}
