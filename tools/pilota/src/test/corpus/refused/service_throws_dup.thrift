exception X {}
service S { void a() throws (1: X x, 1: X y) }
