enum E { A = 1 }
service S { void m(1: E e = E.A, 2: list<E> l = [E.A]) }
