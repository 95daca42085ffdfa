typedef i32 Id
typedef list<Id> Ids,
typedef map<string, Ids> Groups;
typedef Groups Again (note = "x")
typedef i64 (js.type = "Long") Long
struct A { 1: Id id, 2: Ids ids, 3: Groups g, 4: Again ag, 5: Long l }
