package io.volare.integrations.libthrift;

import io.volare.codec.thrift.ThriftMethod;
import io.volare.rpc.MethodDescriptor.Kind;
import org.apache.thrift.TBase;
import org.jspecify.annotations.Nullable;

/**
 * Finds what Apache generated for a method: beside its interface stand {@code name_args} and,
 * unless the method is oneway, {@code name_result}.
 */
final class ApacheMethods {
  private static final String ARGS = "_args";
  private static final String RESULT = "_result";

  private ApacheMethods() {}

  /** {@return the method whose arguments are {@code args}, as a method of {@code service}} */
  static ThriftMethod<Object, @Nullable Object> of(
      String service, String name, StructType args, @Nullable StructType result) {
    String target = service + "/" + name;
    Kind kind = result == null ? Kind.ONEWAY : Kind.UNARY;
    return new ThriftMethod<>(
        service, name, kind, false, new ArgsCodec(args), new ResultCodec(target, result));
  }

  /** {@return the arguments of method {@code name} that the class {@code generated} holds} */
  static StructType args(Class<?> generated, String name) {
    Class<?> args = find(generated, name + ARGS);
    if (args == null) {
      throw new IllegalArgumentException(
          "%s: no class %s%s (expected: a service that Apache's compiler generated)"
              .formatted(generated.getName(), name, ARGS));
    }
    return StructType.of(args);
  }

  /** {@return the result that belongs to these arguments, or null if the method is oneway} */
  static @Nullable StructType resultOf(Class<?> args) {
    Class<?> generated = args.getEnclosingClass();
    String name = args.getSimpleName();
    if (generated == null || !name.endsWith(ARGS)) {
      throw new IllegalArgumentException(
          args.getName() + " (expected: a class name_args inside the service's class)");
    }
    Class<?> result = find(generated, name.substring(0, name.length() - ARGS.length()) + RESULT);
    return result == null ? null : StructType.of(result);
  }

  private static @Nullable Class<?> find(Class<?> generated, String name) {
    try {
      Class<?> found =
          Class.forName(generated.getName() + "$" + name, true, generated.getClassLoader());
      return TBase.class.isAssignableFrom(found) ? found : null;
    } catch (ClassNotFoundException absent) {
      return null;
    }
  }
}
