struct A { i32 a, 1: string b, i64 c }
