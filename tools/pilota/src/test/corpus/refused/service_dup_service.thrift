service S { void a() }
service S { void b() }
