package io.volare.integrations.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A class of tests whose {@link Offered} services run: a {@link ServiceExtension} without settings.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.integrations.junit.AnnotatedSnippetsTest region=use}
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(OfferedServices.class)
public @interface ServiceTest {
  /** {@return what lies between clients and services} */
  Over over() default Over.THRIFT;

  /** What lies between clients and services. */
  enum Over {
    /** Thrift on a free port of the loopback; needs {@code transport-thrift}. */
    THRIFT,
    /** Nothing: the same contexts, layers and metainfo without bytes. */
    IN_PROCESS
  }
}
