struct X { 1: i32 a }
service S { void a() throws (1: X x) }
