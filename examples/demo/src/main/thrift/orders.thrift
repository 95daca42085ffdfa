include "inventory.thrift"
namespace java io.volare.examples.demo.idl

struct Order {
  1: required string item
  2: required i32 pieces
  3: required string countedBy
  /** What each service saw of the call, edge first. */
  4: required list<string> seen
}

exception SoldOut {
  1: required string item
}

service Orders {
  Order place(1: string item, 2: i32 pieces) throws (1: SoldOut soldOut, 2: inventory.UnknownItem unknown)
}
