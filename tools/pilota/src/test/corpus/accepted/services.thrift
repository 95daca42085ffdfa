exception X { 1: string why }
struct R { 1: i32 a }
service Base { void ping(), i32 add(1: i32 a, 2: i32 b) }
service Derived extends Base {
  R get(1: R r) throws (1: X x);
  oneway void fire(1: string s),
  list<map<string, R>> deep(1: set<i32> s)
  void none() throws (1: X x)
  string echo(string s)
} (x = "y")
service Nothing {}
