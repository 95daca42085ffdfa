enum E { A = 1 }
enum O { A = 1 }
const E F = O.A
