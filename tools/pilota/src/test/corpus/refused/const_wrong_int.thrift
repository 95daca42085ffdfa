const i32 S = "x"
