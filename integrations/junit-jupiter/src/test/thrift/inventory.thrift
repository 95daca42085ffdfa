namespace java io.volare.integrations.junit.idl

exception UnknownItem {
  1: required string item
}

service Inventory {
  i32 count(1: string item) throws (1: UnknownItem unknown)
}
