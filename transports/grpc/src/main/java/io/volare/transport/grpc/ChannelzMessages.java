package io.volare.transport.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Int64Value;
import com.google.protobuf.Parser;
import com.google.protobuf.Timestamp;
import com.google.protobuf.TimestampProto;
import com.google.protobuf.WrappersProto;
import io.netty.util.NetUtil;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The messages of {@code grpc.channelz.v1}: its numbers and names, without the fields that are
 * never filled here (traces, options of sockets, security of other kinds).
 */
final class ChannelzMessages {
  static final String PACKAGE = "grpc.channelz.v1";
  static final List<String> METHODS =
      List.of(
          "GetTopChannels",
          "GetServers",
          "GetServer",
          "GetServerSockets",
          "GetChannel",
          "GetSubchannel",
          "GetSocket");

  private static final String TIME = ".google.protobuf.Timestamp";
  private static final String NUMBER = ".google.protobuf.Int64Value";

  private static final FileDescriptor FILE =
      DynamicMessages.file(file(), TimestampProto.getDescriptor(), WrappersProto.getDescriptor());

  private ChannelzMessages() {}

  // ---- what is read and written

  static Parser<DynamicMessage> parser(String type) {
    return DynamicMessages.parser(DynamicMessages.type(FILE, type));
  }

  static long number(DynamicMessage message, String field) {
    return (long) message.getField(message.getDescriptorForType().findFieldByName(field));
  }

  static boolean flag(DynamicMessage message, String field) {
    return (boolean) message.getField(message.getDescriptorForType().findFieldByName(field));
  }

  static Fields of(String type) {
    return new Fields(DynamicMessages.Builder.of(DynamicMessages.type(FILE, type)));
  }

  static DynamicMessage reference(String type, String idField, long id, String name) {
    return of(type).set(idField, id).set("name", name).build();
  }

  static DynamicMessage socket(long id, String name) {
    return reference("SocketRef", "socket_id", id, name);
  }

  /** {@return a socket that is listened on} */
  static DynamicMessage listener(long id, Endpoint local) {
    return of("Socket")
        .set("ref", socket(id, local.toString()))
        .set("data", of("SocketData").build())
        .set("local", address(local.address()))
        .build();
  }

  static DynamicMessage address(Address address) {
    return switch (address) {
      case Address.Tcp tcp -> tcp(tcp);
      case Address.Unix unix -> one("uds_address", "UdsAddress", "filename", unix.path());
      case Address.InProcess local -> one("other_address", "OtherAddress", "name", local.name());
    };
  }

  private static DynamicMessage tcp(Address.Tcp tcp) {
    byte @Nullable [] literal = NetUtil.createByteArrayFromIpAddressString(tcp.host());
    if (literal == null) {
      return one("other_address", "OtherAddress", "name", tcp);
    }
    DynamicMessage known =
        nested("Address", "TcpIpAddress")
            .set("ip_address", ByteString.copyFrom(literal))
            .set("port", tcp.port())
            .build();
    return of("Address").set("tcpip_address", known).build();
  }

  private static DynamicMessage one(String choice, String type, String field, Object text) {
    return of("Address")
        .set(choice, nested("Address", type).set(field, text.toString()).build())
        .build();
  }

  private static Fields nested(String outer, String type) {
    Descriptor known = DynamicMessages.type(FILE, outer).findNestedTypeByName(type);
    return new Fields(DynamicMessages.Builder.of(Objects.requireNonNull(known, type)));
  }

  /** {@return TLS as a {@code Security}; certificates that are null were not shown} */
  static DynamicMessage tls(String cipher, byte @Nullable [] local, byte @Nullable [] remote) {
    Fields tls = nested("Security", "Tls").set("standard_name", cipher);
    if (local != null) {
      tls.set("local_certificate", ByteString.copyFrom(local));
    }
    if (remote != null) {
      tls.set("remote_certificate", ByteString.copyFrom(remote));
    }
    return of("Security").set("tls", tls.build()).build();
  }

  /** A message under construction. */
  record Fields(DynamicMessages.Builder message) {
    Fields set(String field, Object value) {
      message.set(field, value);
      return this;
    }

    Fields add(String field, DynamicMessage value) {
      message.add(field, value);
      return this;
    }

    /** Sets a time unless it is 0, which is never. */
    Fields time(String field, long millis) {
      if (millis == 0) {
        return this;
      }
      return set(
          field,
          Timestamp.newBuilder()
              .setSeconds(Math.floorDiv(millis, 1_000L))
              .setNanos(Math.floorMod(millis, 1_000) * 1_000_000)
              .build());
    }

    Fields wrapped(String field, long value) {
      return set(field, Int64Value.of(value));
    }

    DynamicMessage build() {
      return message.build();
    }
  }

  // ---- their description

  private static FileDescriptorProto file() {
    FileDescriptorProto.Builder file =
        FileDescriptorProto.newBuilder()
            .setName("grpc/channelz/v1/channelz.proto")
            .setPackage(PACKAGE)
            .setSyntax("proto3")
            .addDependency(TimestampProto.getDescriptor().getFullName())
            .addDependency(WrappersProto.getDescriptor().getFullName());
    addReferences(file);
    addChannels(file);
    addServers(file);
    addSockets(file);
    addQuestions(file);
    ServiceDescriptorProto.Builder service =
        ServiceDescriptorProto.newBuilder().setName("Channelz");
    for (String method : METHODS) {
      service.addMethod(
          MethodDescriptorProto.newBuilder()
              .setName(method)
              .setInputType(own(method + "Request"))
              .setOutputType(own(method + "Response")));
    }
    return file.addService(service).build();
  }

  private static void addReferences(FileDescriptorProto.Builder file) {
    file.addMessageType(message("ChannelRef", integer("channel_id", 1), text("name", 2)))
        .addMessageType(message("SubchannelRef", integer("subchannel_id", 7), text("name", 8)))
        .addMessageType(message("SocketRef", integer("socket_id", 3), text("name", 4)))
        .addMessageType(message("ServerRef", integer("server_id", 5), text("name", 6)));
  }

  /** What clients have; none is shown, but their answers have a type. */
  private static void addChannels(FileDescriptorProto.Builder file) {
    EnumDescriptorProto.Builder states = EnumDescriptorProto.newBuilder().setName("State");
    List<String> names =
        List.of("UNKNOWN", "IDLE", "CONNECTING", "READY", "TRANSIENT_FAILURE", "SHUTDOWN");
    for (String name : names) {
      states.addValue(
          EnumValueDescriptorProto.newBuilder().setName(name).setNumber(names.indexOf(name)));
    }
    FieldDescriptorProto state =
        DynamicMessages.field(
            "state", 1, Type.TYPE_ENUM, own("ChannelConnectivityState") + ".State");
    file.addMessageType(message("ChannelConnectivityState", state).toBuilder().addEnumType(states));
    file.addMessageType(
        message(
            "ChannelData",
            of("state", 1, own("ChannelConnectivityState")),
            text("target", 2),
            integer("calls_started", 4),
            integer("calls_succeeded", 5),
            integer("calls_failed", 6),
            of("last_call_started_timestamp", 7, TIME)));
    for (String name : List.of("Channel", "Subchannel")) {
      file.addMessageType(
          message(
              name,
              of("ref", 1, own(name + "Ref")),
              of("data", 2, own("ChannelData")),
              many("channel_ref", 3, "ChannelRef"),
              many("subchannel_ref", 4, "SubchannelRef"),
              many("socket_ref", 5, "SocketRef")));
    }
  }

  private static void addServers(FileDescriptorProto.Builder file) {
    file.addMessageType(
            message(
                "ServerData",
                integer("calls_started", 2),
                integer("calls_succeeded", 3),
                integer("calls_failed", 4),
                of("last_call_started_timestamp", 5, TIME)))
        .addMessageType(
            message(
                "Server",
                of("ref", 1, own("ServerRef")),
                of("data", 2, own("ServerData")),
                many("listen_socket", 3, "SocketRef")));
  }

  private static void addSockets(FileDescriptorProto.Builder file) {
    String address = own("Address");
    file.addMessageType(
            message(
                "SocketData",
                integer("streams_started", 1),
                integer("streams_succeeded", 2),
                integer("streams_failed", 3),
                integer("messages_sent", 4),
                integer("messages_received", 5),
                integer("keep_alives_sent", 6),
                of("last_local_stream_created_timestamp", 7, TIME),
                of("last_remote_stream_created_timestamp", 8, TIME),
                of("last_message_sent_timestamp", 9, TIME),
                of("last_message_received_timestamp", 10, TIME),
                of("local_flow_control_window", 11, NUMBER),
                of("remote_flow_control_window", 12, NUMBER)))
        .addMessageType(
            message(
                "Socket",
                of("ref", 1, own("SocketRef")),
                of("data", 2, own("SocketData")),
                of("local", 3, address),
                of("remote", 4, address),
                of("security", 5, own("Security")),
                text("remote_name", 6)))
        .addMessageType(
            oneOf(
                    "Address",
                    "address",
                    of("tcpip_address", 1, address + ".TcpIpAddress"),
                    of("uds_address", 2, address + ".UdsAddress"),
                    of("other_address", 3, address + ".OtherAddress"))
                .addNestedType(
                    message(
                        "TcpIpAddress",
                        bytes("ip_address", 1),
                        DynamicMessages.field("port", 2, Type.TYPE_INT32)))
                .addNestedType(message("UdsAddress", text("filename", 1)))
                .addNestedType(message("OtherAddress", text("name", 1))))
        .addMessageType(
            oneOf("Security", "model", of("tls", 1, own("Security") + ".Tls"))
                .addNestedType(
                    oneOf("Tls", "cipher_suite", text("standard_name", 1), text("other_name", 2))
                        .addField(bytes("local_certificate", 3))
                        .addField(bytes("remote_certificate", 4))));
  }

  private static void addQuestions(FileDescriptorProto.Builder file) {
    addPage(file, "GetTopChannels", integer("start_channel_id", 1), "channel", "Channel");
    addPage(file, "GetServers", integer("start_server_id", 1), "server", "Server");
    file.addMessageType(
            message(
                "GetServerSocketsRequest",
                integer("server_id", 1),
                integer("start_socket_id", 2),
                integer("max_results", 3)))
        .addMessageType(
            message("GetServerSocketsResponse", many("socket_ref", 1, "SocketRef"), flag("end", 2)))
        .addMessageType(message("GetSocketRequest", integer("socket_id", 1), flag("summary", 2)))
        .addMessageType(message("GetSocketResponse", of("socket", 1, own("Socket"))));
    for (String name : List.of("Server", "Channel", "Subchannel")) {
      String field = name.toLowerCase(Locale.ROOT);
      file.addMessageType(message("Get" + name + "Request", integer(field + "_id", 1)))
          .addMessageType(message("Get" + name + "Response", of(field, 1, own(name))));
    }
  }

  private static void addPage(
      FileDescriptorProto.Builder file,
      String method,
      FieldDescriptorProto start,
      String field,
      String type) {
    file.addMessageType(message(method + "Request", start, integer("max_results", 2)))
        .addMessageType(message(method + "Response", many(field, 1, type), flag("end", 2)));
  }

  private static DescriptorProto message(String name, FieldDescriptorProto... fields) {
    return DynamicMessages.message(name, fields);
  }

  private static DescriptorProto.Builder oneOf(
      String name, String choice, FieldDescriptorProto... fields) {
    DescriptorProto.Builder message = DescriptorProto.newBuilder().setName(name);
    message.addOneofDeclBuilder().setName(choice);
    for (FieldDescriptorProto field : fields) {
      message.addField(field.toBuilder().setOneofIndex(0));
    }
    return message;
  }

  private static String own(String type) {
    return "." + PACKAGE + "." + type;
  }

  private static FieldDescriptorProto of(String name, int number, String type) {
    return DynamicMessages.field(name, number, Type.TYPE_MESSAGE, type);
  }

  private static FieldDescriptorProto many(String name, int number, String type) {
    return DynamicMessages.repeated(of(name, number, own(type)));
  }

  private static FieldDescriptorProto integer(String name, int number) {
    return DynamicMessages.field(name, number, Type.TYPE_INT64);
  }

  private static FieldDescriptorProto text(String name, int number) {
    return DynamicMessages.field(name, number, Type.TYPE_STRING);
  }

  private static FieldDescriptorProto bytes(String name, int number) {
    return DynamicMessages.field(name, number, Type.TYPE_BYTES);
  }

  private static FieldDescriptorProto flag(String name, int number) {
    return DynamicMessages.field(name, number, Type.TYPE_BOOL);
  }
}
