package io.volare.transport.thrift;

/** How a Thrift message is wrapped on the wire. */
public enum WireForm {
  /** TTHeader, then the message. */
  TTHEADER(true, false),
  /** TTHeader, then the message behind its length. */
  TTHEADER_FRAMED(true, true),
  /** The message behind its length: Apache's framed transport. */
  FRAMED(false, true),
  /** The message alone: Apache's buffered transport. */
  BARE(false, false);

  private final boolean header;
  private final boolean framed;

  WireForm(boolean header, boolean framed) {
    this.header = header;
    this.framed = framed;
  }

  /** {@return whether a TTHeader comes first: only then do metainfo and deadlines travel} */
  public boolean hasHeader() {
    return header;
  }

  /** {@return whether a length stands right before the message} */
  public boolean isFramed() {
    return framed;
  }

  static WireForm of(boolean header, boolean framed) {
    if (header) {
      return framed ? TTHEADER_FRAMED : TTHEADER;
    }
    return framed ? FRAMED : BARE;
  }
}
