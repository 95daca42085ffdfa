struct P { 1: i32 x }
const P S = 5
