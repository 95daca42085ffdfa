struct A { 1: i32 a }
const i32 A = 5
