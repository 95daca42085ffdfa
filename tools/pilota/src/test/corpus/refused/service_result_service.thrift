service T { void b() }
service S { T a() }
