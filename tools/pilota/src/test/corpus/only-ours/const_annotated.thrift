const i32 X = 1 (note = "x")
