namespace java io.volare.examples.trace.idl

service Orders {
  string place(1: string item)
}

service Inventory {
  i32 count(1: string item)
}

service Warehouse {
  i32 look(1: string item)
}

service Prices {
  double price(1: string item)
}
