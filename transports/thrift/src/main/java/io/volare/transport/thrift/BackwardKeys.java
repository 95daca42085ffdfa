package io.volare.transport.thrift;

import java.util.Set;

/**
 * The names in a reply's header that mean something by themselves: everything else that comes
 * without a prefix is a backward value of Kitex's.
 */
final class BackwardKeys {
  private static final Set<String> RESERVED =
      Set.of(
          "isn",
          "rip",
          BizStatus.STATUS,
          BizStatus.MESSAGE,
          BizStatus.EXTRA,
          ControlFrame.CONNECTION_RESET,
          "crc32c",
          "tc",
          "ti",
          "pcs",
          "pce",
          "pss",
          "prs",
          "pre",
          "K_ProcessAtTime",
          "ttscp");

  private BackwardKeys() {}

  static boolean isReserved(String key) {
    return RESERVED.contains(key)
        || key.startsWith("PV_")
        || key.startsWith("RPC_")
        || key.startsWith(FailureFacts.PREFIX);
  }
}
