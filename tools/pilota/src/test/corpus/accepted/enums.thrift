enum Empty {}
enum Plain { A, B, C }
enum Set { A = 1, B, C = 10; D }
enum Hex { A = 0x10, B }
enum Neg { A = -1, B }
enum Note { A = 1 (x = "y"), B (z) } (top = "t")
