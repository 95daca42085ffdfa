const list<list<list<list<i32>>>> A = [[[[1]]]]
