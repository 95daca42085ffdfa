const map<string, i32> A = {"a": 1, "b": 2}
const map<i32, list<string>> B = {1: ["x"], 2: []; 3: ["y"]}
const map<string, map<string, string>> C = {"a": {"b": "c"}}
const map<string, i32> D = {}
const map<bool, double> E = {true: 1.0, false: 2}
