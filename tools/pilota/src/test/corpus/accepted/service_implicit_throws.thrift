exception X {}
exception Y {}
service S { void a() throws (X x, Y y) }
