// what Apache's compiler understands too: both are asked for the same bytes
namespace java io.volare.pilota.tests.both

enum Level { LOW = 1, HIGH = 7 }

struct Inner {
  1: required string name
  2: optional i64 stamp
}

union Choice {
  1: i32 number
  2: string text
  3: Inner inner
}

exception Trouble {
  1: string message
  2: i32 code
}

struct Both {
  1: bool truth
  2: i8 tiny
  3: i16 small
  4: i32 medium = 4
  5: i64 large
  6: double real
  7: string text = "default"
  8: binary bytes
  9: Level level
  10: Inner inner
  11: Choice choice
  12: list<i32> numbers
  13: list<list<string>> lists
  14: set<string> names
  15: map<string, i64> index
  16: map<i32, list<Inner>> deep
  17: optional bool maybe
  18: optional i32 count
  19: optional string note
  20: optional list<Both> more
  21: Trouble trouble
  22: list<bool> truths
  23: list<Level> levels
  24: list<binary> blobs
  32767: optional i16 last
}

struct Unsorted {
  5: i32 five
  i32 implicit
  1: i32 one
  string other
}
