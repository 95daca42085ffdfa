package io.volare.pilota;

import io.volare.pilota.Idl.Constant;
import io.volare.pilota.Idl.Definition;
import io.volare.pilota.Idl.EnumMember;
import io.volare.pilota.Idl.EnumType;
import io.volare.pilota.Idl.Field;
import io.volare.pilota.Idl.Function;
import io.volare.pilota.Idl.Include;
import io.volare.pilota.Idl.Service;
import io.volare.pilota.Idl.Struct;
import io.volare.pilota.Idl.StructKind;
import io.volare.pilota.Idl.TypeRef;
import io.volare.pilota.Idl.Typedef;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A file with all that it includes: names mean something here. Checked when it is loaded, so that
 * what is generated from it compiles.
 */
final class Program {
  private static final int LARGEST_FILE = 16 * 1024 * 1024;

  private final Idl idl;
  private final Path path;
  private String constantsName = "Constants";
  private final Map<String, Program> includes = new LinkedHashMap<>();
  private final Map<String, Definition> definitions = new LinkedHashMap<>();
  private final Map<String, Constant> constants = new LinkedHashMap<>();
  private final Map<Definition, String> javaNames = new IdentityHashMap<>();
  private final Set<String> missingIncludes = new HashSet<>();

  private Program(Idl idl, Path path) {
    this.idl = idl;
    this.path = path;
  }

  static Program load(Path file, List<Path> includePath) throws IdlException {
    Program program = load(file, includePath, new LinkedHashMap<>(), new ArrayList<>());
    for (Program each : program.withIncludes()) {
      each.check();
    }
    return program;
  }

  private static Program load(
      Path file, List<Path> includePath, Map<Path, Program> loaded, List<Path> open)
      throws IdlException {
    Path key = file.toAbsolutePath().normalize();
    Program known = loaded.get(key);
    if (known != null) {
      return known;
    }
    Idl idl = Parser.parse(file.toString(), baseName(file.toString()), read(file));
    Program program = new Program(idl, key);
    open.add(key);
    for (Include include : idl.includes()) {
      Path found = find(include, file, includePath);
      if (found == null) {
        program.missingIncludes.add(baseName(include.path()));
        program.warn(include.position(), "include of " + include.path() + ", which is nowhere");
        continue;
      }
      if (open.contains(found.toAbsolutePath().normalize())) {
        throw new IdlException(
            include.position(), "include of " + include.path() + ", which includes this file");
      }
      Program included = load(found, includePath, loaded, open);
      program.includes.put(included.idl.baseName(), included);
    }
    open.remove(key);
    loaded.put(key, program);
    program.define();
    return program;
  }

  private void define() throws IdlException {
    Set<String> taken = new HashSet<>();
    for (Definition definition : idl.definitions()) {
      Definition before =
          definition instanceof Constant constant
              ? constants.putIfAbsent(definition.name(), constant)
              : definitions.putIfAbsent(definition.name(), definition);
      if (before != null) {
        throw new IdlException(
            definition.position(),
            definition.name() + " is defined twice (first at " + before.position() + ")");
      }
      if (definition instanceof Struct || definition instanceof EnumType) {
        javaNames.put(definition, JavaNames.free(JavaNames.type(definition.name()), taken));
      }
    }
    for (Definition definition : idl.definitions()) {
      if (definition instanceof Service) {
        String name = JavaNames.free(JavaNames.type(definition.name()), taken);
        while (!areFree(name, taken)) {
          name += "_";
        }
        javaNames.put(definition, name);
      }
    }
    constantsName = JavaNames.free(JavaNames.type(idl.baseName()) + "Constants", taken);
  }

  private static boolean areFree(String service, Set<String> taken) {
    for (String kind : List.of("Client", "Server", "Methods")) {
      if (!taken.add((service + kind).toLowerCase(Locale.ROOT))) {
        return false;
      }
    }
    return true;
  }

  /** {@return the simple name of the class for a struct, an enum or a service of this program} */
  String javaName(Definition definition) {
    return javaNames.get(definition);
  }

  /** {@return the simple name of the class that holds the constants} */
  String constantsName() {
    return constantsName;
  }

  void warn(Position position, String what) {
    idl.warnings().add(position + ": " + what);
  }

  private static String read(Path file) throws IdlException {
    Position whole = new Position(file.toString(), 0, 0, "");
    try {
      if (Files.size(file) > LARGEST_FILE) {
        throw new IdlException(whole, "larger than 16 MiB");
      }
      return Files.readString(file);
    } catch (MalformedInputException notUtf8) {
      throw new IdlException(whole, "not UTF-8");
    } catch (NoSuchFileException absent) {
      throw new IdlException(whole, "there is no such file");
    } catch (IOException unreadable) {
      throw new IdlException(whole, "cannot be read (" + unreadable + ")");
    }
  }

  /** {@return what stands before an included name: the file's name without folder and ending} */
  private static String baseName(String path) {
    String name = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    return name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name;
  }

  private static Path find(Include include, Path file, List<Path> includePath) {
    List<Path> folders = new ArrayList<>();
    folders.add(file.toAbsolutePath().getParent());
    folders.addAll(includePath);
    for (Path folder : folders) {
      Path candidate = folder.resolve(include.path());
      if (Files.isRegularFile(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  Idl idl() {
    return idl;
  }

  /** {@return this program and all it includes, each once, the innermost first} */
  List<Program> withIncludes() {
    List<Program> all = new ArrayList<>();
    collect(all, new HashSet<>());
    return all;
  }

  private void collect(List<Program> all, Set<Path> seen) {
    if (seen.add(path)) {
      includes.values().forEach(included -> included.collect(all, seen));
      all.add(this);
    }
  }

  Path path() {
    return path;
  }

  /** {@return the Java package of what is generated} */
  String javaPackage(String override) {
    if (override != null) {
      return override;
    }
    String java = idl.namespaces().get("java");
    String any = idl.namespaces().get("*");
    return java != null ? java : any != null ? any : idl.baseName().replaceAll("\\W", "_");
  }

  /** What a name stands for, and in which program it is defined. */
  record Found(Program program, Definition definition) {}

  Found find(String name, Position position, String expected) throws IdlException {
    Definition own = definitions.get(name);
    if (own != null) {
      return new Found(this, own);
    }
    int dot = name.lastIndexOf('.');
    Program included = dot < 0 ? null : includes.get(name.substring(0, dot));
    Definition other = included == null ? null : included.definitions.get(name.substring(dot + 1));
    if (other == null) {
      throw undefined(name, position, expected);
    }
    return new Found(included, other);
  }

  private IdlException undefined(String name, Position position, String expected) {
    int dot = name.lastIndexOf('.');
    boolean missing = dot > 0 && missingIncludes.contains(name.substring(0, dot));
    return new IdlException(
        position,
        name
            + (missing ? " is not known, for its include is nowhere" : " is not defined")
            + (" (expected: " + expected + ")"));
  }

  /** A constant, and in which program it is defined. */
  record FoundConstant(Program program, Constant constant) {}

  FoundConstant constant(String name, Position position) throws IdlException {
    Constant own = constants.get(name);
    if (own != null) {
      return new FoundConstant(this, own);
    }
    int dot = name.lastIndexOf('.');
    Program included = dot < 0 ? null : includes.get(name.substring(0, dot));
    Constant other = included == null ? null : included.constants.get(name.substring(dot + 1));
    if (other == null) {
      throw undefined(name, position, "a constant or an enum member");
    }
    return new FoundConstant(included, other);
  }

  /** {@return the type behind all typedefs} */
  Type type(TypeRef written) throws IdlException {
    return type(written, 0);
  }

  private Type type(TypeRef written, int depth) throws IdlException {
    if (depth > 64) {
      throw new IdlException(written.position(), "a typedef of itself");
    }
    Type base = Type.base(written.name());
    if (base != null) {
      return base;
    }
    switch (written.name()) {
      case "list":
        return new Type.ListOf(type(written.arguments().get(0), depth + 1));
      case "set":
        return new Type.SetOf(type(written.arguments().get(0), depth + 1));
      case "map":
        return new Type.MapOf(
            type(written.arguments().get(0), depth + 1),
            type(written.arguments().get(1), depth + 1));
      default:
        Found found = find(written.name(), written.position(), "a type");
        if (found.definition() instanceof Typedef alias) {
          return found.program().type(alias.type(), depth + 1);
        }
        if (found.definition() instanceof Struct struct) {
          return new Type.Named(found.program(), struct);
        }
        if (found.definition() instanceof EnumType enumType) {
          return new Type.Enumeration(found.program(), enumType);
        }
        throw new IdlException(
            written.position(), written.name() + " is no type (expected: a type)");
    }
  }

  /** {@return the functions of a service with those that it inherits, the inherited ones first} */
  List<Inherited> functions(Service service) throws IdlException {
    return functions(service, 0);
  }

  /** A function, and where its types mean something. */
  record Inherited(Program program, Function function) {}

  private List<Inherited> functions(Service service, int depth) throws IdlException {
    if (depth > 64) {
      throw new IdlException(service.position(), service.name() + " extends itself");
    }
    List<Inherited> functions = new ArrayList<>();
    if (service.parent() != null) {
      Found parent = find(service.parent(), service.position(), "a service");
      if (!(parent.definition() instanceof Service extended)) {
        throw new IdlException(
            service.position(), service.parent() + " is no service (expected: a service)");
      }
      functions.addAll(parent.program().functions(extended, depth + 1));
    }
    for (Function function : service.functions()) {
      functions.add(new Inherited(this, function));
    }
    return functions;
  }

  private void check() throws IdlException {
    for (Definition definition : idl.definitions()) {
      if (definition instanceof Typedef typedef) {
        checkUnused(typedef);
      } else if (definition instanceof Struct struct) {
        check(struct);
      } else if (definition instanceof EnumType enumType) {
        check(enumType);
      } else if (definition instanceof Service service) {
        check(service);
      } else if (definition instanceof Constant constant) {
        Values.check(this, type(constant.type()), constant.value());
      }
    }
  }

  /** Whoever uses the typedef is refused; by itself it does no harm, and Apache takes it. */
  private void checkUnused(Typedef typedef) {
    try {
      type(typedef.type());
    } catch (IdlException unusable) {
      warn(typedef.position(), "typedef " + typedef.name() + " cannot be used");
    }
  }

  private void check(Struct struct) throws IdlException {
    checkFields(struct.fields());
    for (Field field : struct.fields()) {
      if (struct.kind() == StructKind.UNION && field.requiredness() == Idl.Requiredness.REQUIRED) {
        warn(field.position(), "required has no meaning in a union");
      }
    }
  }

  private void checkFields(List<Field> fields) throws IdlException {
    Map<Integer, Field> byId = new LinkedHashMap<>();
    Map<String, Field> byName = new LinkedHashMap<>();
    for (Field field : fields) {
      type(field.type());
      Field sameId = byId.put(field.id(), field);
      if (sameId != null) {
        throw new IdlException(
            field.position(),
            "field id " + field.id() + " is taken by " + sameId.name() + " (expected: its own)");
      }
      if (byName.put(field.name(), field) != null) {
        throw new IdlException(field.position(), "field " + field.name() + " is there twice");
      }
      if (field.defaultValue() != null) {
        Values.check(this, type(field.type()), field.defaultValue());
      }
    }
  }

  private void check(EnumType enumType) throws IdlException {
    Set<String> names = new HashSet<>();
    for (EnumMember member : enumType.members()) {
      if (!names.add(member.name())) {
        throw new IdlException(member.position(), "member " + member.name() + " is there twice");
      }
    }
  }

  private void check(Service service) throws IdlException {
    Set<String> names = new HashSet<>();
    for (Inherited inherited : functions(service)) {
      Function function = inherited.function();
      if (!names.add(function.name())) {
        throw new IdlException(
            function.position(), "method " + function.name() + " is there twice");
      }
    }
    for (Function function : service.functions()) {
      checkFields(function.arguments());
      checkFields(function.declared());
      if (function.result() != null) {
        type(function.result());
      }
      for (Field declared : function.declared()) {
        if (!(type(declared.type()) instanceof Type.Named named)
            || named.struct().kind() != StructKind.EXCEPTION) {
          throw new IdlException(declared.position(), declared.type().name() + " is no exception");
        }
      }
    }
  }
}
