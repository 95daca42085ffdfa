const list<i32> S = ["a"]
