package io.volare.integrations.mdc;

import io.volare.motore.Layer;
import io.volare.motore.Placement;
import io.volare.motore.Service;
import io.volare.rpc.RpcContext;
import org.jspecify.annotations.Nullable;

/**
 * Puts chosen metainfo of a call into SLF4J's logging context while the inner service runs.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.integrations.mdc.MdcSnippetsTest region=use}
 *
 * <p>What stood there before is put back when the call returns or throws. Of a call that streams,
 * the client's part that comes after the return is not covered: it runs on the reader's thread.
 *
 * @param <Q> the request
 * @param <R> the response
 */
public final class MdcLayer<Q extends @Nullable Object, R extends @Nullable Object>
    implements Layer<RpcContext, Q, R> {
  private final MetaInfoMdc mdc;

  private MdcLayer(MetaInfoMdc mdc) {
    this.mdc = mdc;
  }

  /** {@return the layer that {@code config} describes, for servers and clients alike} */
  public static <Q extends @Nullable Object, R extends @Nullable Object> MdcLayer<Q, R> of(
      MdcConfig config) {
    return new MdcLayer<>(MetaInfoMdc.of(config));
  }

  @Override
  public Service<RpcContext, Q, R> wrap(Service<RpcContext, Q, R> inner) {
    return (context, request) ->
        mdc.<R, Exception>call(context.metaInfo(), () -> inner.call(context, request));
  }

  @Override
  public Placement placement() {
    return Placement.EITHER;
  }

  @Override
  public String toString() {
    return mdc.toString();
  }
}
