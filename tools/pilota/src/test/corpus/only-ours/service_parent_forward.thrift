service S extends T { void a() }
service T { void b() }
