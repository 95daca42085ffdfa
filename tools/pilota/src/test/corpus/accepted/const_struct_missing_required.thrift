struct P { 1: required i32 x }
const P A = {}
