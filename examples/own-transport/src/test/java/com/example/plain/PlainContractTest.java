package com.example.plain;

import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.contract.Capability;
import io.volare.transport.contract.ContractMethod;
import io.volare.transport.contract.Note;
import io.volare.transport.contract.NoteRefused;
import io.volare.transport.contract.Running;
import io.volare.transport.contract.TransportContract;
import java.util.EnumSet;
import java.util.Set;

class PlainContractTest extends TransportContract {
  private static final Codec<Note> NOTE = Codec.text(Note::text, Note::new);
  private static final Codec<NoteRefused> REFUSED =
      Codec.text(NoteRefused::reason, NoteRefused::new);

  @Override
  protected Running start(ServiceBinding service) {
    PlainServer server = PlainServer.of(service);
    server.start();
    return new Running(server, PlainClient.to(server.endpoint()), () -> {});
  }

  @Override
  protected Set<Capability> capabilities() {
    return EnumSet.complementOf(EnumSet.of(Capability.STREAMS));
  }

  @Override
  protected MethodDescriptor method(ContractMethod method) {
    return new PlainMethod<>(
        method.service(),
        method.name(),
        method.kind(),
        method.idempotent(),
        NOTE,
        method.returnsNote() ? NOTE : null,
        new PlainMethod.Declared<>(NoteRefused.class, REFUSED));
  }
}
