const set<i32> D = {}
const list<i32> E = {}
const map<i32, i32> F = []
