struct K { 1: i32 a }
struct A { 1: map<K, i32> m, 2: set<K> s, 3: map<list<i32>, set<map<i32, i32>>> n, 4: map<double, bool> d, 5: set<binary> b }
