struct B { 1: i32 x }
struct A { 1: B b (note = "x") }
