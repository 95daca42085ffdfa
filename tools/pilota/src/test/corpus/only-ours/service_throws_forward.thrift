service S { void a() throws (1: X x) }
exception X { 1: i32 a }
