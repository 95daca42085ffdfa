fn main() {
    println!("cargo:rerun-if-changed=../../idl/cases.thrift");
    volo_build::Builder::thrift()
        .add_service("../../idl/cases.thrift")
        .ignore_unused(false)
        .filename("cases.rs".into())
        .write()
        .unwrap();
}
