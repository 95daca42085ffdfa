package io.volare.transport.contract;

import static java.util.Objects.requireNonNull;

import io.volare.rpc.MethodDescriptor;
import java.util.List;

/**
 * A method of the contract's service, without any codec. A transport that needs one makes its own
 * descriptor of the same name from it. Immutable.
 *
 * <p>Arguments and values are {@link Note}s; the declared exception is {@link NoteRefused}.
 *
 * @param name the method's name
 * @param kind its shape
 * @param returnsNote false for a method that returns nothing
 */
public record ContractMethod(String name, Kind kind, boolean returnsNote)
    implements MethodDescriptor {
  /** The name of the contract's service. */
  public static final String SERVICE = "Contract";

  static final ContractMethod ECHO = new ContractMethod("Echo", Kind.UNARY, true);
  static final ContractMethod NOTHING = new ContractMethod("Nothing", Kind.UNARY, false);
  static final ContractMethod FAIL = new ContractMethod("Fail", Kind.UNARY, true);
  static final ContractMethod META = new ContractMethod("Meta", Kind.UNARY, true);
  static final ContractMethod WAIT = new ContractMethod("Wait", Kind.UNARY, true);
  static final ContractMethod RUN = new ContractMethod("Run", Kind.UNARY, true);
  static final ContractMethod LOG = new ContractMethod("Log", Kind.ONEWAY, false);
  static final ContractMethod COUNT = new ContractMethod("Count", Kind.SERVER_STREAM, true);
  static final ContractMethod JOIN = new ContractMethod("Join", Kind.CLIENT_STREAM, true);
  static final ContractMethod CHAT = new ContractMethod("Chat", Kind.BIDI_STREAM, true);

  /** Known to the client alone. */
  static final ContractMethod MISSING = new ContractMethod("Missing", Kind.UNARY, true);

  static final List<ContractMethod> OFFERED =
      List.of(ECHO, NOTHING, FAIL, META, WAIT, RUN, LOG, COUNT, JOIN, CHAT);

  /** Checks that both are there. */
  public ContractMethod {
    requireNonNull(name, "name");
    requireNonNull(kind, "kind");
  }

  @Override
  public String service() {
    return SERVICE;
  }

  @Override
  public boolean idempotent() {
    return false;
  }
}
