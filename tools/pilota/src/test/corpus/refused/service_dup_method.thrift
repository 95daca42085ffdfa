service S { void a(), void a() }
