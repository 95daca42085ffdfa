const set<i32> D = [1, 1]
