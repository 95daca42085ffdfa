service S { void a(1: i32 x, 2: i32 x) }
