struct P { 1: i32 x, 2: optional i32 y, 3: list<P> more, 4: string s = "d" }
const P A = {"x": 1, "y": 2}
const P B = {"x": 1, "more": [{"x": 2}, {"x": 3, "s": "t"}]}
const P C = {}
struct Q { 1: P p = {"x": 5} }
