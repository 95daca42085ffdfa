package io.volare.integrations.junit;

import io.volare.rpc.ServiceBinding;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.platform.commons.support.AnnotationSupport;

/** Finds what is offered, and leaves the rest to a {@link ServiceExtension}. */
final class OfferedServices
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AfterAllCallback,
        TestExecutionExceptionHandler,
        ParameterResolver {
  private static final ExtensionContext.Namespace OURS =
      ExtensionContext.Namespace.create(OfferedServices.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    if (found(context) == null) {
      List<ServiceBinding> offered =
          AnnotationSupport.findAnnotatedFieldValues(
              context.getRequiredTestClass(), Offered.class, ServiceBinding.class);
      if (offered.isEmpty()) {
        return;
      }
      keep(context, offered);
    }
    services(context).beforeAll(context);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    List<ServiceBinding> offered = new ArrayList<>();
    for (Object instance : context.getRequiredTestInstances().getAllInstances()) {
      offered.addAll(
          AnnotationSupport.findAnnotatedFieldValues(
              instance, Offered.class, ServiceBinding.class));
    }
    if (!offered.isEmpty()) {
      if (found(context) != null) {
        throw new ExtensionConfigurationException(
            context.getRequiredTestClass().getName()
                + ": @Offered stands on static and on other fields (expected: one kind)");
      }
      keep(context, offered);
    }
    services(context).beforeEach(context);
  }

  private static void keep(ExtensionContext context, List<ServiceBinding> offered) {
    ServiceTest.Over over =
        AnnotationSupport.findAnnotation(
                context.getRequiredTestClass(),
                ServiceTest.class,
                context.getEnclosingTestClasses())
            .map(ServiceTest::over)
            .orElse(ServiceTest.Over.THRIFT);
    ServiceBinding[] services = offered.toArray(ServiceBinding[]::new);
    context
        .getStore(OURS)
        .put(
            ServiceExtension.class,
            over == ServiceTest.Over.THRIFT
                ? ServiceExtension.thrift(services)
                : ServiceExtension.inProcess(services));
  }

  /** {@return those of this class or test, or of the class around it; or null} */
  private static @Nullable ServiceExtension found(ExtensionContext context) {
    return context.getStore(OURS).get(ServiceExtension.class, ServiceExtension.class);
  }

  private static ServiceExtension services(ExtensionContext context) {
    ServiceExtension found = found(context);
    if (found == null) {
      throw new ExtensionConfigurationException(
          context.getRequiredTestClass().getName()
              + ": nothing is offered (expected: a field of type ServiceBinding with @Offered)");
    }
    return found;
  }

  @Override
  public void afterEach(ExtensionContext context) throws InterruptedException {
    ServiceExtension found = found(context);
    if (found != null) {
      found.afterEach(context);
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    ServiceExtension found = found(context);
    if (found != null) {
      found.afterAll(context);
    }
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable thrown)
      throws Throwable {
    services(context).handleTestExecutionException(context, thrown);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return services(context).supportsParameter(parameter, context);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return services(context).resolveParameter(parameter, context);
  }
}
