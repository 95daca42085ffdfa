service S { void get(), void Get(), void get_() }
