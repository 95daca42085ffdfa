service S { void a }
