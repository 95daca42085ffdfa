const map<i32, i32> S = {"a": 1}
