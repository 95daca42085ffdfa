exception X { 1: string why }
service S { void a() throws (1: X x, 2: X y) }
