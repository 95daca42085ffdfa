typedef i32 Id
typedef list<Id> Ids
typedef map<string, Ids> M
const Id A = 5
const Ids B = [A, 6]
const M C = {"x": B}
