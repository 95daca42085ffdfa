package io.volare.transport.netty;

import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says in words why two peers did not agree. */
final class TlsFailure {
  private static final String ALERT = "fatal alert: ";

  private TlsFailure() {}

  /** {@return why a handshake failed, without any byte that the peer has sent} */
  static String reason(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String known = known(cause);
      if (known != null) {
        return known;
      }
    }
    return failure instanceof ClosedChannelException
        ? "the connection was closed before the handshake had ended"
        : String.valueOf(failure.getMessage());
  }

  private static @Nullable String known(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return switch (cause) {
      case CertificateExpiredException expired -> "the certificate has expired (" + message + ")";
      case CertificateNotYetValidException early ->
          "the certificate is not valid yet (" + message + ")";
      case CertPathBuilderException untrusted ->
          "the certificate is self-signed or of an authority that is not trusted";
      case CertificateException other
          when message.startsWith("No subject alternative")
              || message.startsWith("No name matching") ->
          "the certificate is not for this host (" + message + ")";
      case SSLException foreign when message.startsWith("not an SSL/TLS record") ->
          "the peer does not speak TLS";
      case SSLException told when alert(told) != null -> "the peer sent the alert " + alert(told);
      default -> null;
    };
  }

  private static @Nullable String alert(SSLException failure) {
    String message = String.valueOf(failure.getMessage());
    int at = message.indexOf(ALERT);
    if (at >= 0) {
      return message.substring(at + ALERT.length()).toLowerCase(Locale.ROOT);
    }
    int openSsl = message.indexOf("ALERT_");
    return openSsl < 0 ? null : message.substring(openSsl + 6).toLowerCase(Locale.ROOT);
  }

  /**
   * {@return {@code failure} as the client's connection shall see it} A server that does not accept
   * a client's certificate says so when the client, in TLS 1.3, may have sent its first request
   * already: which was not even decrypted.
   */
  static Throwable afterHandshake(Throwable failure) {
    Throwable cause = failure.getCause();
    if (!(cause instanceof SSLException told)) {
      return failure;
    }
    String alert = alert(told);
    if (alert == null || !(alert.contains("certificate") || alert.contains("unknown_ca"))) {
      return told;
    }
    return RpcException.notExecuted(
        Kind.UNAUTHENTICATED, "the server does not accept our certificate: " + alert, told);
  }
}
