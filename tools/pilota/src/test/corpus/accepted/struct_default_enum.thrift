enum E { A = 1, B = 2 }
struct S { 1: E a = E.B, 2: E b = 2, 3: optional E c = E.A, 4: E d, 5: list<E> e = [E.A] }
