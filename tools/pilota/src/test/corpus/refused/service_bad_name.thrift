service 1S { void a() }
