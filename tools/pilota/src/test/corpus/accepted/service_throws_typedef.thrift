exception X { 1: i32 a }
typedef X Y
service S { void a() throws (1: Y x) }
