enum E { A }
const E X = F.A
