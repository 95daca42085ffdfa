struct Empty {}
struct Base {
  1: bool a
  2: byte b,
  3: i8 c;
  4: i16 d
  5: i32 e
  6: i64 f
  7: double g
  8: string h
  9: binary i
}
struct Req { 1: required i32 a, 2: optional i32 b, 3: i32 c }
struct Defaults { 1: i32 a = 5, 2: string b = "x", 3: list<i32> c = [1], 4: optional bool d = true, 5: double e = 1 }
struct Holders { 1: list<i32> a, 2: set<string> b, 3: map<i32, list<map<string, set<i64>>>> c, 4: Base d, 5: list<Base> e }
struct Sparse { 100: i32 a, 3: i32 b, 32767: i32 c }
