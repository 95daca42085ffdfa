enum E { A }
const E X = 1.5
