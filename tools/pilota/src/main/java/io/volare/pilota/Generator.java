package io.volare.pilota;

import io.volare.pilota.Idl.Constant;
import io.volare.pilota.Idl.Definition;
import io.volare.pilota.Idl.EnumType;
import io.volare.pilota.Idl.Service;
import io.volare.pilota.Idl.Struct;
import io.volare.pilota.Idl.StructKind;
import java.util.ArrayList;
import java.util.List;

/** Turns programs into Java files: one type, one file. */
final class Generator {
  private final JavaFiles files = new JavaFiles();
  private final String override;
  private final boolean keepUnknown;

  Generator(String packageOverride, boolean keepUnknown) {
    this.override = packageOverride;
    this.keepUnknown = keepUnknown;
  }

  JavaFiles files() {
    return files;
  }

  void generate(Program program) throws IdlException {
    String javaPackage = program.javaPackage(override);
    List<Constant> constants = new ArrayList<>();
    for (Definition definition : program.idl().definitions()) {
      String name = program.javaName(definition);
      JavaTypes types = new JavaTypes(javaPackage, override);
      if (definition instanceof Struct struct) {
        types.define(name);
        files.add(
            javaPackage,
            name,
            program,
            (source, in) -> write(program, struct, name, source, in),
            types);
      } else if (definition instanceof EnumType enumType) {
        types.define(name);
        files.add(
            javaPackage,
            name,
            program,
            (source, in) -> EnumWriter.write(enumType, name, source, in),
            types);
      } else if (definition instanceof Service service) {
        new ServiceWriter(program, service, javaPackage, override).write(files);
      } else if (definition instanceof Constant constant) {
        constants.add(constant);
      }
    }
    if (!constants.isEmpty()) {
      writeConstants(program, javaPackage, constants);
    }
  }

  private void write(Program program, Struct struct, String name, Source source, JavaTypes types)
      throws IdlException {
    if (struct.kind() == StructKind.UNION) {
      new UnionWriter(program, types, struct, name, source, override).write();
    } else {
      new StructWriter(program, types, struct, name, source, keepUnknown, false)
          .write("public ", true);
    }
  }

  private void writeConstants(Program program, String javaPackage, List<Constant> constants)
      throws IdlException {
    String name = program.constantsName();
    List<String> names = JavaNames.constants(constants.stream().map(Constant::name).toList());
    JavaTypes types = new JavaTypes(javaPackage, override);
    types.define(name);
    files.add(
        javaPackage,
        name,
        program,
        (source, in) -> {
          source.line("/** The constants of %s. */", program.path().getFileName());
          source.line("public final class %s {", name);
          for (int i = 0; i < names.size(); i++) {
            Constant constant = constants.get(i);
            Type type = program.type(constant.type());
            source.doc(constant.doc(), "The constant " + constant.name() + ".");
            source.line(
                "public static final %s %s = %s;",
                in.plain(type), names.get(i), new Values(program, in).java(type, constant.value()));
            source.blank();
          }
          source.line("private %s() {}", name).line("}");
        },
        types);
  }
}
