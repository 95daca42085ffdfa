enum E { A }
const E S = "A"
