service S { Nowhere a() }
