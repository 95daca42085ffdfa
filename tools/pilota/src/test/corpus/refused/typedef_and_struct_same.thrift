struct A { 1: i32 a }
typedef i32 A
