fn main() {
    println!("cargo:rerun-if-changed=../../src/main/thrift/cases.thrift");
    volo_build::Builder::thrift()
        .add_service("../../src/main/thrift/cases.thrift")
        .ignore_unused(false)
        .filename("cases.rs".into())
        .write()
        .unwrap();
}
