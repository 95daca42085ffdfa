enum E { A = 1.5 }
