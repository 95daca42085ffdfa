enum E { A = 1, B = 5 }
const E F = 99
