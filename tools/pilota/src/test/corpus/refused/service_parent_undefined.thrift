service S extends Nowhere { void a() }
