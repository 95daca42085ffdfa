const i32 X = 3
enum E { A = X }
