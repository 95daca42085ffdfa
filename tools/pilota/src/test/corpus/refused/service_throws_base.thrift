service S { void a() throws (1: i32 x) }
