service B { void a() }
service S extends B { void a() }
