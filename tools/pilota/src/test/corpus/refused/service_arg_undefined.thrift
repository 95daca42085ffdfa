service S { void a(1: Nowhere x) }
