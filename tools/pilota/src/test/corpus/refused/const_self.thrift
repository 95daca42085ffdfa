const i32 A = A
