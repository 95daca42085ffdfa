struct A { 1: i32 a }
struct A { 1: i32 b }
