package io.volare.transport.grpc;

import com.google.protobuf.DynamicMessage;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslHandler;
import io.volare.rpc.Address;
import io.volare.transport.netty.TlsPeer;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.Objects;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A connection of a server as {@link GrpcChannelz} shows it. */
final class ShownSocket {
  private ShownSocket() {}

  /**
   * {@return it as a {@code Socket}} On its loop.
   *
   * @param summary whether to leave certificates out
   */
  static DynamicMessage describe(ServerConnection connection, boolean summary) {
    SocketCounts counts = Objects.requireNonNull(connection.counts(), "not shown");
    ChannelzMessages.Fields socket =
        ChannelzMessages.of("Socket")
            .set("ref", ChannelzMessages.socket(counts.id(), connection.peer().toString()))
            .set("data", data(connection, counts))
            .set("remote_name", connection.peer().tags().getOrDefault(TlsPeer.SUBJECT, ""));
    Channel channel = connection.channel();
    Address local = local(channel);
    if (local != null) {
      socket.set("local", ChannelzMessages.address(local));
    }
    if (connection.peer().address() instanceof Address.Tcp remote) {
      socket.set("remote", ChannelzMessages.address(remote)); // the other end of a file has no name
    }
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      socket.set("security", security(tls.engine().getSession(), summary));
    }
    return socket.build();
  }

  private static DynamicMessage data(ServerConnection connection, SocketCounts counts) {
    Http2Stream whole = connection.connection().connectionStream();
    ChannelzMessages.Fields data = ChannelzMessages.of("SocketData");
    counts.describe(data);
    return data.wrapped("local_flow_control_window", connection.flow().windowSize(whole))
        .wrapped(
            "remote_flow_control_window", connection.decoder().flowController().windowSize(whole))
        .build();
  }

  private static @Nullable Address local(Channel channel) {
    SocketAddress own = channel.localAddress();
    if (own instanceof InetSocketAddress tcp) {
      return Address.tcp(tcp.getAddress().getHostAddress(), tcp.getPort());
    }
    return own == null ? null : Address.unix(Path.of(own.toString()));
  }

  private static DynamicMessage security(SSLSession session, boolean summary) {
    if (summary) {
      return ChannelzMessages.tls(session.getCipherSuite(), null, null);
    }
    return ChannelzMessages.tls(
        session.getCipherSuite(), first(session.getLocalCertificates()), first(shownBy(session)));
  }

  private static Certificate @Nullable [] shownBy(SSLSession session) {
    try {
      return session.getPeerCertificates();
    } catch (SSLPeerUnverifiedException anonymous) {
      return null;
    }
  }

  private static byte @Nullable [] first(Certificate @Nullable [] chain) {
    if (chain == null || chain.length == 0) {
      return null;
    }
    try {
      return chain[0].getEncoded();
    } catch (CertificateEncodingException unreadable) {
      return null;
    }
  }
}
