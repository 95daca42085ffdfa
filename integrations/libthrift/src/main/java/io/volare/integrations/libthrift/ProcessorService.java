package io.volare.integrations.libthrift;

import static java.util.Objects.requireNonNull;

import io.volare.codec.thrift.ThriftMethod;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.rpc.ServiceBinding;
import java.util.HashMap;
import java.util.Map;
import org.apache.thrift.ProcessFunction;
import org.apache.thrift.TBase;
import org.apache.thrift.TBaseProcessor;
import org.apache.thrift.TException;
import org.apache.thrift.TFieldIdEnum;
import org.jspecify.annotations.Nullable;

/**
 * A handler behind the functions of its generated processor. Only what is the same in libthrift
 * 0.20 and 0.25 is called, so that older generated code works too.
 */
final class ProcessorService<I> {
  private final I handler;
  private final Map<String, Function<I>> functions;

  private ProcessorService(I handler, Map<String, Function<I>> functions) {
    this.handler = handler;
    this.functions = functions;
  }

  /** A method of the service, and what runs it. */
  private record Function<I>(
      ResultCodec result, ProcessFunction<I, TBase<?, ?>, TBase<?, ?>> generated) {}

  // a processor's map has raw types; NullAway does not see nullness within a record's components
  @SuppressWarnings({"rawtypes", "NullAway"})
  static <I> ServiceBinding bind(I handler, TBaseProcessor<I> processor) {
    Class<?> generated = processor.getClass().getEnclosingClass();
    if (generated == null) {
      throw new IllegalArgumentException(
          processor.getClass().getName() + " (expected: the Processor inside a generated service)");
    }
    String service = generated.getSimpleName();
    Map<String, Function<I>> functions = new HashMap<>();
    Map<String, ThriftMethod<Object, @Nullable Object>> methods = new HashMap<>();
    processor
        .getProcessMapView()
        .forEach((name, function) -> {
          Class<?> args = function.getEmptyArgsInstance().getClass();
          ThriftMethod<Object, @Nullable Object> method =
              ApacheMethods.of(service, name, StructType.of(args), ApacheMethods.resultOf(args));
          methods.put(name, method);
          functions.put(name, new Function<>((ResultCodec) method.result(), typed(function)));
        });
    ProcessorService<I> behind = new ProcessorService<>(handler, functions);
    return new ServiceBinding(service, methods, behind::call);
  }

  @SuppressWarnings("unchecked") // each function gets the arguments that its own codec decoded
  private static <I> ProcessFunction<I, TBase<?, ?>, TBase<?, ?>> typed(Object function) {
    return (ProcessFunction<I, TBase<?, ?>, TBase<?, ?>>) function;
  }

  private @Nullable Object call(RpcContext context, Object request) throws Exception {
    Function<I> function = requireNonNull(functions.get(context.method().name()));
    TBase<?, ?> result;
    try {
      result = function.generated().getResult(handler, (TBase<?, ?>) request);
    } catch (TException thrown) {
      throw Failures.ofHandler(context.target(), thrown);
    }
    if (function.result().type() == null) {
      return null;
    }
    Object value = function.result().valueOf(fielded(result));
    if (value == null && function.result().hasValue()) {
      throw RpcException.of(
          Kind.INTERNAL, context.target() + ": the handler returned null (expected: a value)");
    }
    return value;
  }

  @SuppressWarnings("unchecked") // a generated struct takes its own fields only
  private static TBase<?, TFieldIdEnum> fielded(TBase<?, ?> result) {
    return (TBase<?, TFieldIdEnum>) result;
  }
}
