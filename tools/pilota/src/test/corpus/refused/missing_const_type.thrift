const A = 5
