service S { void a() throws () }
