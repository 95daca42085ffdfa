// One IDL for every peer. Handlers choose what to do by the text of Request.msg, so that one server covers all cases.
namespace go cases
namespace py cases
namespace java io.volare.interop.cases
namespace rs cases

enum Color { RED = 1, GREEN = 2, BLUE = 40 }

struct Request {
  1: required string action
  2: required string msg
}

struct Response {
  1: required string action
  2: required string msg
}

struct Point { 1: i32 x, 2: i32 y }

union Choice {
  1: i32 number
  2: string text
  3: Point point
}

/** Every type there is, in nested containers too, with field ids on both sides of 15 and 255. */
struct Everything {
  1: bool yes
  2: byte tiny
  3: i16 small
  4: i32 medium
  5: i64 large
  6: double real
  7: string text
  8: binary raw
  9: Color color
  10: Choice choice
  11: list<string> names
  12: set<i32> ids
  13: map<string, i64> counts
  14: map<i32, list<map<string, Point>>> nested
  15: list<Color> colors
  16: optional string after_fifteen
  17: optional string absent
  300: optional Point far
  20000: required i64 very_far
}

exception Oops {
  1: string why
  2: i32 code
}

service Cases {
  Response Echo(1: Request req) throws (1: Oops oops)
  Everything Swap(1: Everything all)
  void Ping()
  oneway void Log(1: Request req)
}

/** What a newer client knows and no server here does. */
service Later {
  string Missing(1: string what)
}
