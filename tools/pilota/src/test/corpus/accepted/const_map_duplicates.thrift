const map<i32, i32> D = {1: 1, 1: 2}
