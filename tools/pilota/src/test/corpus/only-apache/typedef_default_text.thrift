typedef i32 Id
struct S { 1: Id a = "x" }
