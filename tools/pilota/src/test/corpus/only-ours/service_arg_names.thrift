service S { i32 sum(1: i32 client, 2: i32 handler, 3: i32 this_, 4: i32 context, 5: i32 in, 6: i32 out, 7: i32 value, 8: i32 options) }
