struct P { 1: i32 a }
typedef P Q
const Q X = 5
