typedef B C
struct A { 1: C c }
struct B { 1: i32 b }
