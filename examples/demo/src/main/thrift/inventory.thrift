namespace java io.volare.examples.demo.idl

/** What is on the shelf. */
struct Stock {
  1: required string item
  2: required i32 pieces
  /** The instance that counted. */
  3: required string countedBy
  /** What the instance saw of the call. */
  4: required list<string> seen
}

exception UnknownItem {
  1: required string item
}

service Inventory {
  /** Counts an item; counting twice does no harm. */
  Stock count(1: string item) throws (1: UnknownItem unknown) (idempotent = "true")
}
