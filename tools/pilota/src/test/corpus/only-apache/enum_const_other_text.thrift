enum E { A }
const E X = "B"
