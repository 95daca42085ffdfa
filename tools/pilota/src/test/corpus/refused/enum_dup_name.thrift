enum E { A = 1, A = 2 }
