service S { i32 (x = "y") a(1: string (z = "t") s) (idempotent = "true") }
