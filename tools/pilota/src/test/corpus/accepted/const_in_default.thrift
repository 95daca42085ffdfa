const i32 LIMIT = 10
struct A { 1: i32 a = LIMIT, 2: list<i32> b = [LIMIT, 2] }
