service B { void a() }
service S extends B { i32 a(1: i32 x) }
