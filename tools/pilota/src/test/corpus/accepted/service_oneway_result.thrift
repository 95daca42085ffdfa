service S { oneway i32 a() }
