const list<i32> S = 5
