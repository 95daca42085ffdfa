const map<i32, i32> S = {1: "a"}
