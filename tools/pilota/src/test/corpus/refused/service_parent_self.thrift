service S extends S { void a() }
