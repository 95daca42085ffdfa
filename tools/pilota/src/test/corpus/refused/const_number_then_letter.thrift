const i32 A = 5x
