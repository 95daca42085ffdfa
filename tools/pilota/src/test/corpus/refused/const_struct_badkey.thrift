struct P { 1: i32 x }
const P A = {1: 1}
