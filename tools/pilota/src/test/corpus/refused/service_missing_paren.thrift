service S { void a( }
