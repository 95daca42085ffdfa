package io.volare.transport.thrift;

import io.volare.rpc.BusinessException;
import io.volare.rpc.BusinessExtra;
import org.jspecify.annotations.Nullable;

/**
 * A business error as TTHeader carries it: {@code biz-status}, {@code biz-message} and {@code
 * biz-extra}, a JSON object of strings.
 */
final class BizStatus {
  static final String STATUS = "biz-status";
  static final String MESSAGE = "biz-message";
  static final String EXTRA = "biz-extra";

  private BizStatus() {}

  static void write(BusinessException error, TtHeader header) {
    header.value(STATUS, Integer.toString(error.status()));
    String message = error.getMessage();
    header.value(MESSAGE, message == null ? "" : message);
    if (!error.extra().isEmpty()) {
      header.value(EXTRA, BusinessExtra.write(error.extra()));
    }
  }

  /** {@return the error in a reply's header, or null if there is none} */
  static @Nullable BusinessException read(TtHeader header) {
    String status = header.value(STATUS);
    if (status == null || status.equals("0")) {
      return null;
    }
    int code;
    try {
      code = Integer.parseInt(status);
    } catch (NumberFormatException noNumber) {
      return null;
    }
    String message = header.value(MESSAGE);
    String extra = header.value(EXTRA);
    return code == 0
        ? null
        : new BusinessException(code, message == null ? "" : message, BusinessExtra.read(extra));
  }
}
