package io.volare.transport.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.ExtensionRegistryLite;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The message {@code google.rpc.Status}, written and read without its generated class, which would
 * bring a jar of its own: {@code int32 code = 1; string message = 2; repeated Any details = 3}.
 */
final class RichStatus {
  private static final String RETRY_INFO = "google.rpc.RetryInfo";

  private RichStatus() {}

  static byte[] write(int code, String message, List<Any> details) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      out.writeInt32(1, code);
      out.writeString(2, message);
      for (Any detail : details) {
        out.writeMessage(3, detail);
      }
      out.flush();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }

  /** {@return the details, none if the bytes are not a status} */
  static Any[] details(byte[] status) {
    List<Any> details = new ArrayList<>();
    CodedInputStream in = CodedInputStream.newInstance(status);
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == (3 << 3 | 2)) {
          details.add(in.readMessage(Any.parser(), ExtensionRegistryLite.getEmptyRegistry()));
        } else if (!in.skipField(tag)) {
          return new Any[0];
        }
      }
    } catch (IOException notAStatus) {
      return new Any[0];
    }
    return details.toArray(Any[]::new);
  }

  /** {@return when a {@code google.rpc.RetryInfo} among the details says to try again, or null} */
  static @Nullable Duration retryAfter(Any[] details) {
    for (Any detail : details) {
      if (detail.getTypeUrl().endsWith(RETRY_INFO)) {
        return retryDelay(detail);
      }
    }
    return null;
  }

  private static @Nullable Duration retryDelay(Any retryInfo) {
    try {
      CodedInputStream in = retryInfo.getValue().newCodedInput();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == (1 << 3 | 2)) {
          com.google.protobuf.Duration delay =
              in.readMessage(
                  com.google.protobuf.Duration.parser(), ExtensionRegistryLite.getEmptyRegistry());
          Duration said = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
          return said.isNegative() ? null : said;
        }
        in.skipField(tag);
      }
      return null;
    } catch (IOException | ArithmeticException notRetryInfo) {
      return null;
    }
  }
}
