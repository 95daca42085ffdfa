namespace java io.volare.integrations.libthrift.idl

enum Shelf {
  LOW = 1
  HIGH = 2
}

struct Stock {
  1: required string item
  2: required i32 pieces
  3: optional list<string> places
  4: optional map<string, i64> lots
  5: optional Shelf shelf
  6: optional binary label
  7: optional double price
  8: optional bool counted
  9: optional list<Stock> parts
}

exception UnknownItem {
  1: required string item
}

exception Closed {
  1: required string opens
}

service Counter {
  i32 count(1: string item) throws (1: UnknownItem unknown, 2: Closed closed)
}

service Inventory extends Counter {
  Stock restock(1: Stock stock, 2: i32 pieces, 3: bool urgent)
  binary label(1: binary picture, 2: i32 copies)
  void empty()
  oneway void note(1: string text)
}
