const i32 B = 0X1F
