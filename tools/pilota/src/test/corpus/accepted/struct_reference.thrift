struct A { 1: optional A & a, 2: i32& b }
