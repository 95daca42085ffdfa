package io.volare.transport.netty;

import io.netty.util.AttributeKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * What a server knows about a client by TLS, as tags of the endpoint that a handler finds in its
 * call's context.
 *
 * <p>All but {@link #VERSION} come from a certificate that the port's {@link
 * TlsServerConfig#clients} has signed, and are absent where clients need none.
 */
public final class TlsPeer {
  /** The version of TLS. */
  public static final String VERSION = "tls.version";

  /** The subject of the client's certificate, as RFC 2253 writes it. */
  public static final String SUBJECT = "tls.subject";

  /** The DNS names of the client's certificate, with a space between them. */
  public static final String DNS = "tls.dns";

  /** The URIs of the client's certificate, for instance a SPIFFE id, with a space between them. */
  public static final String URI = "tls.uri";

  static final AttributeKey<Map<String, String>> TAGS = AttributeKey.valueOf(TlsPeer.class, "tags");

  private static final int DNS_NAME = 2;
  private static final int URI_NAME = 6;

  private TlsPeer() {}

  static Map<String, String> tags(SSLSession session) {
    Map<String, String> tags = new HashMap<>();
    tags.put(VERSION, session.getProtocol());
    try {
      Certificate[] chain = session.getPeerCertificates();
      if (chain.length > 0 && chain[0] instanceof X509Certificate shown) {
        tags.put(SUBJECT, shown.getSubjectX500Principal().getName());
        putNames(tags, DNS, shown, DNS_NAME);
        putNames(tags, URI, shown, URI_NAME);
      }
    } catch (SSLPeerUnverifiedException anonymous) {
      // any client may come
    }
    return Map.copyOf(tags);
  }

  private static void putNames(
      Map<String, String> tags, String tag, X509Certificate shown, int type) {
    List<String> names = new ArrayList<>();
    for (List<?> name : alternatives(shown)) {
      if (name.get(0).equals(type) && name.get(1) instanceof String text && isOneWord(text)) {
        names.add(text);
      }
    }
    if (!names.isEmpty()) {
      tags.put(tag, String.join(" ", names));
    }
  }

  private static Collection<List<?>> alternatives(X509Certificate shown) {
    try {
      Collection<List<?>> names = shown.getSubjectAlternativeNames();
      return names == null ? List.of() : names;
    } catch (CertificateParsingException unreadable) {
      return List.of();
    }
  }

  /** A name with a space in it would pass for two. */
  private static boolean isOneWord(String name) {
    return !name.isEmpty() && name.chars().allMatch(c -> c > ' ' && c != 0x7f);
  }
}
