struct A { 1: map<string, string> map, 2: list<i32> list }
