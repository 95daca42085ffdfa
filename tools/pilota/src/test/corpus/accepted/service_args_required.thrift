service S { void a(1: required i32 x, 2: optional i32 y, 3: i32 z = 5) }
