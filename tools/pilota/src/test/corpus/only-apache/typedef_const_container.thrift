typedef map<string, double> M
const list<i32> L = [1]
const M X = {"a": L}
