namespace java io.volare.examples.customstack.idl

service Stock {
  i32 count(1: string item) (idempotent = "true")
}
