package io.volare.integrations.libthrift;

import static java.util.Objects.requireNonNull;

import io.volare.codec.thrift.ThriftMethod;
import io.volare.rpc.RpcClient;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A generated {@code Iface} whose methods are calls. Immutable and thread-safe. */
final class IfaceClient implements InvocationHandler {
  private static final Object[] NO_ARGUMENTS = {};

  /** The methods of an interface are known once: transports keep what they encode of each. */
  private static final ClassValue<Map<Method, Call>> CALLS =
      new ClassValue<>() {
        @Override
        protected Map<Method, Call> computeValue(Class<?> type) {
          return calls(type);
        }
      };

  private final RpcClient client;
  private final Map<Method, Call> calls;

  private IfaceClient(RpcClient client, Map<Method, Call> calls) {
    this.client = client;
    this.calls = calls;
  }

  static <I> I of(Class<I> type, RpcClient client) {
    InvocationHandler handler = new IfaceClient(client, CALLS.get(type));
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** A method, and the constructor that makes its arguments a struct. */
  private record Call(
      ThriftMethod<Object, @Nullable Object> method, Constructor<?> args, boolean isBinary) {}

  private static Map<Method, Call> calls(Class<?> type) {
    Class<?> generated = type.getEnclosingClass();
    if (!type.isInterface() || generated == null) {
      throw new IllegalArgumentException(
          type.getName() + " (expected: the Iface inside a generated service)");
    }
    Map<Method, Call> calls = new HashMap<>();
    for (Method method : type.getMethods()) {
      calls.put(method, call(generated.getSimpleName(), method));
    }
    return Map.copyOf(calls);
  }

  private static Call call(String service, Method method) {
    // an inherited method belongs to the service that its caller named, its structs to the parent
    Class<?> declaring = requireNonNull(method.getDeclaringClass().getEnclosingClass());
    StructType args = ApacheMethods.args(declaring, method.getName());
    try {
      return new Call(
          ApacheMethods.of(service, method.getName(), args, ApacheMethods.resultOf(args.type())),
          args.type().getConstructor(method.getParameterTypes()),
          method.getReturnType() == ByteBuffer.class);
    } catch (NoSuchMethodException absent) {
      throw new IllegalArgumentException(
          args.type().getName()
              + " (expected: a constructor with the parameters of "
              + method
              + ")",
          absent);
    }
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Exception {
    if (method.getDeclaringClass() == Object.class) {
      return ofObject(proxy, method, arguments);
    }
    Call call = requireNonNull(calls.get(method));
    String target = call.method().fullName();
    try {
      Object args = StructType.make(call.args(), arguments == null ? NO_ARGUMENTS : arguments);
      Object value = client.call(call.method(), args);
      return call.isBinary() && value instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : value;
    } catch (ApacheDeclaredException declared) {
      throw declared.declared();
    } catch (InterruptedException cancelled) {
      Thread.currentThread().interrupt();
      throw Failures.interrupted(target, cancelled);
    } catch (Exception failure) {
      throw Failures.ofCall(target, failure);
    }
  }

  private Object ofObject(Object proxy, Method method, Object @Nullable [] arguments) {
    return switch (method.getName()) {
      case "equals" -> arguments != null && proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      default -> client.toString();
    };
  }
}
