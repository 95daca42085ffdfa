fn main() {
    println!("cargo:rerun-if-changed=../../src/main");
    volo_build::Builder::thrift()
        .add_service("../../src/main/thrift/echo.thrift")
        .ignore_unused(false)
        .filename("thrift.rs".into())
        .write()
        .unwrap();
    volo_build::Builder::protobuf()
        .add_service("../../src/main/proto/echo.proto")
        .add_service("../../src/main/proto/streams.proto")
        .ignore_unused(false)
        .include_dirs(vec!["../../src/main/proto".into()])
        .filename("proto.rs".into())
        .write()
        .unwrap();
}
