package io.volare.registry.dns;

/** Which addresses to ask for. */
public enum IpFamily {
  /** A and AAAA records, all of them. */
  BOTH,
  /** A records only. */
  IPV4,
  /** AAAA records only. */
  IPV6
}
