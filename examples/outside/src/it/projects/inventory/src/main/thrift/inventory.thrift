namespace java com.example.inventory

struct Item {
  1: required string id
  2: i32 count
  3: list<string> shelves
}

exception NotFound {
  1: string id
}

service Inventory {
  Item GetItem(1: string id) throws (1: NotFound missing)
}
