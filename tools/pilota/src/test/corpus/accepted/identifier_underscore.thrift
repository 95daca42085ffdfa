struct _A { 1: i32 _a, 2: i32 __b, 3: i32 _, 4: i32 a_, 5: i32 a__b }
