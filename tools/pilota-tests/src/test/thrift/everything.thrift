// every construct that generated code has to deal with
include "shared.thrift"
namespace java io.volare.pilota.tests
namespace * other

typedef list<shared.Money> Prices
typedef map<string, list<i32>> Index

const i32 ANSWER = 42
const double RATIO = -1.5e3
const string GREETING = "say \"hello\"\n"
const list<string> NAMES = ["a", 'b']
const map<string, i32> NUMBERS = {"one": 1, "two": 2}
const shared.Color FAVOURITE = shared.Color.GREEN
const shared.Money PRICE = {"currency": "EUR", "cents": 250}
const uuid ID = "00112233-4455-6677-8899-aabbccddeeff"

/* A shape is
 * one of these <two>. */
union Shape {
  1: double circle
  2: shared.Money price
  3: list<string> names
}

/** Members that are called as their types are. */
union Namesake {
  1: string string
  2: binary binary
  3: Shape shape
  4: list<string> list
}

struct Everything {
  1: required bool flag
  2: required byte tiny
  3: i16 small
  4: i32 medium = ANSWER
  5: i64 large
  6: double real
  7: string text = GREETING
  8: binary bytes
  9: optional uuid id
  10: shared.Color color
  11: optional shared.Color other = shared.Color.BLUE
  12: Prices prices
  13: set<i32> numbers
  14: Index index
  15: optional list<map<string, set<double>>> deep
  20: optional Shape shape
  200: optional Everything child
  -3: optional string odd
  30000: optional string class
  30001: optional i32 count
}

struct Empty {}

struct Narrow {
  4: i32 medium
}

service Catalogue extends shared.Base {
  shared.Money price(1: string id, 2: shared.Color color) throws (1: shared.NotFound missing),
  list<shared.Money> prices(1: Prices known)
  void clear()
  i32 count(1: optional i32 least)
  Shape shape(1: Shape shape)
  oneway void log(1: string line)
}
