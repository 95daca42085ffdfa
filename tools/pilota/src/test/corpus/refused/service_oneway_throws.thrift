exception X {}
service S { oneway void a() throws (1: X x) }
