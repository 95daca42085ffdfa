struct A { 1: i32 if, 2: i32 while, 3: i32 new, 4: i32 yield, 5: i32 lambda, 6: i32 END, 7: i32 NULL }
