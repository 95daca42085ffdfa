const string S = "x"
const i32 A = S
