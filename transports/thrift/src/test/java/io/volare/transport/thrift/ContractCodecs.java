package io.volare.transport.thrift;

import io.volare.codec.thrift.TType;
import io.volare.codec.thrift.ThriftCodec;
import io.volare.codec.thrift.ThriftMethod;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftResultCodec;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.transport.contract.ContractMethod;
import io.volare.transport.contract.Note;
import io.volare.transport.contract.NoteRefused;

/** The contract's methods with Thrift codecs, as the generator would write them. */
final class ContractCodecs {
  private ContractCodecs() {}

  static ThriftMethod<Note, Note> method(ContractMethod method) {
    return new ThriftMethod<>(
        method.service(),
        method.name(),
        method.kind(),
        method.idempotent(),
        new NoteCodec(),
        new NoteResult(method.returnsNote()));
  }

  private static final class NoteCodec implements ThriftCodec<Note> {
    @Override
    public Note read(ThriftReader in) {
      String text = null;
      in.structBegin();
      for (int field = in.readFieldBegin(); field != 0; field = in.readFieldBegin()) {
        if (field == ThriftReader.field(TType.STRING, 1)) {
          text = in.readString();
        } else {
          in.skip(ThriftReader.fieldType(field));
        }
      }
      in.structEnd();
      if (text == null) {
        throw ThriftProtocolException.missing("Note", "text");
      }
      return new Note(text);
    }

    @Override
    public void write(Note note, ThriftWriter out) {
      out.writeFieldBegin(TType.STRING, 1);
      out.writeString(note.text());
      out.writeFieldStop();
    }
  }

  private record NoteResult(boolean returnsNote) implements ThriftResultCodec<Note> {
    @Override
    public Note read(ThriftReader in) throws Exception {
      Note note = null;
      NoteRefused refused = null;
      in.structBegin();
      for (int field = in.readFieldBegin(); field != 0; field = in.readFieldBegin()) {
        if (field == ThriftReader.field(TType.STRUCT, 0)) {
          note = new NoteCodec().read(in);
        } else if (field == ThriftReader.field(TType.STRUCT, 1)) {
          refused = new NoteRefused(new NoteCodec().read(in).text());
        } else {
          in.skip(ThriftReader.fieldType(field));
        }
      }
      in.structEnd();
      if (refused != null) {
        throw refused;
      }
      if (note == null && returnsNote) {
        throw ThriftProtocolException.missing("result", "success");
      }
      return note;
    }

    @Override
    public void write(Note note, ThriftWriter out) {
      if (note != null) {
        out.writeFieldBegin(TType.STRUCT, 0);
        new NoteCodec().write(note, out);
      }
      out.writeFieldStop();
    }

    @Override
    public boolean writeDeclared(Throwable thrown, ThriftWriter out) {
      if (!(thrown instanceof NoteRefused refused)) {
        return false;
      }
      out.writeFieldBegin(TType.STRUCT, 1);
      new NoteCodec().write(new Note(refused.reason()), out);
      out.writeFieldStop();
      return true;
    }
  }
}
