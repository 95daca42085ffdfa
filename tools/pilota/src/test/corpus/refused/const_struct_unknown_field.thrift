struct P { 1: i32 x }
const P A = {"z": 1}
