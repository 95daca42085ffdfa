package com.example;

import io.volare.motore.CallContext;
import io.volare.motore.Layer;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.motore.Services;

/** A layer and a service, with nothing else. */
public final class Main {
  private Main() {}

  /** Fails unless it works. */
  public static void main(String[] arguments) throws Exception {
    Layer<CallContext, String, String> polite =
        inner -> (context, request) -> inner.call(context, request) + ", please";
    Service<CallContext, String, String> service =
        ServiceBuilder.<CallContext, String, String>create()
            .layer(polite)
            .service(Services.of(name -> "tea for " + name));

    String answer = service.call(CallContext.standalone("kitchen"), "two");

    if (!answer.equals("tea for two, please")) {
      throw new AssertionError(answer);
    }
  }
}
