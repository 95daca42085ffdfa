package io.volare.protoc;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.Edition;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FeatureSet;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileOptions.OptimizeMode;
import com.google.protobuf.JavaFeaturesProto;
import com.google.protobuf.JavaFeaturesProto.JavaFeatures.NestInFileClassFeature.NestInFileClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where protoc puts the Java of one file. */
final class JavaFile {
  private final FileDescriptorProto proto;

  JavaFile(FileDescriptorProto proto) {
    this.proto = proto;
  }

  FileDescriptorProto proto() {
    return proto;
  }

  /** {@return the package, empty for the unnamed one} */
  String javaPackage() {
    return proto.getOptions().hasJavaPackage()
        ? proto.getOptions().getJavaPackage()
        : proto.getPackage();
  }

  /** {@return the class that holds the file's descriptor, and its types where they are nested} */
  String outerClass() {
    if (proto.getOptions().hasJavaOuterClassname()) {
      return proto.getOptions().getJavaOuterClassname();
    }
    String base = proto.getName().substring(proto.getName().lastIndexOf('/') + 1);
    String name = JavaNames.ofFile(base.replaceFirst("\\.proto(devel)?$", ""));
    if (isFrom2024()) {
      return name + "Proto";
    }
    return isDefined(name) ? name + "OuterClass" : name;
  }

  boolean isLite() {
    return proto.getOptions().getOptimizeFor() == OptimizeMode.LITE_RUNTIME;
  }

  private boolean isFrom2024() {
    return proto.getEdition().getNumber() >= Edition.EDITION_2024_VALUE;
  }

  private boolean isDefined(String name) {
    return proto.getEnumTypeList().stream().anyMatch(each -> each.getName().equals(name))
        || proto.getServiceList().stream().anyMatch(each -> each.getName().equals(name))
        || proto.getMessageTypeList().stream().anyMatch(each -> isDefined(each, name));
  }

  private static boolean isDefined(DescriptorProto message, String name) {
    return message.getName().equals(name)
        || message.getEnumTypeList().stream().anyMatch(each -> each.getName().equals(name))
        || message.getNestedTypeList().stream().anyMatch(each -> isDefined(each, name));
  }

  /** {@return the simple names of the classes that protoc puts into the package} */
  List<String> classes() {
    List<String> classes = new ArrayList<>();
    classes.add(outerClass());
    for (DescriptorProto message : proto.getMessageTypeList()) {
      if (!isNested(message.getOptions().getFeatures())) {
        classes.add(message.getName());
        classes.add(message.getName() + "OrBuilder");
      }
    }
    for (EnumDescriptorProto enumeration : proto.getEnumTypeList()) {
      if (!isNested(enumeration.getOptions().getFeatures())) {
        classes.add(enumeration.getName());
      }
    }
    return classes;
  }

  private boolean isNested(FeatureSet features) {
    if (!isFrom2024()) {
      return !proto.getOptions().getJavaMultipleFiles();
    }
    return features.getExtension(JavaFeaturesProto.java_).getNestInFileClass()
        == NestInFileClass.YES;
  }

  /** Adds the file's messages by their names in the IDL, which begin with a dot. */
  void addMessages(Map<String, Message> messages) {
    String scope = proto.getPackage().isEmpty() ? "." : "." + proto.getPackage() + ".";
    for (DescriptorProto message : proto.getMessageTypeList()) {
      String within = isNested(message.getOptions().getFeatures()) ? outerClass() + "." : "";
      addMessages(messages, scope, within, message);
    }
  }

  private void addMessages(
      Map<String, Message> messages, String scope, String within, DescriptorProto message) {
    String name = within + message.getName();
    messages.put(
        scope + message.getName(),
        new Message(javaPackage(), name, message.getOptions().getDeprecated()));
    for (DescriptorProto nested : message.getNestedTypeList()) {
      addMessages(messages, scope + message.getName() + ".", name + ".", nested);
    }
  }

  /** A message's class: its package, its name with the classes around it. */
  record Message(String javaPackage, String name, boolean isDeprecated) {}
}
