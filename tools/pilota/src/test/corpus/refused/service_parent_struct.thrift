struct T { 1: i32 a }
service S extends T { void a() }
