enum E { A = 1, B = 5 }
const i32 X = 7
const i32 Y = X
const E F = E.B
const E G = 5
const i32 H = E.B
const list<E> L = [E.A, E.B]
const map<E, i32> M = {E.A: X, E.B: Y}
const list<i32> N = [X, Y, 3]
const string S = "s"
const map<string, string> MS = {S: S}
