struct A { i32 a, string b; optional i64 c }
