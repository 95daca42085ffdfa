// What the codecs are measured with.
namespace java io.volare.benchmarks.idl

/** Twenty fields of the usual types, all set. */
struct Wide {
  1: required i64 id
  2: required string name
  3: required string city
  4: required i32 age
  5: required bool active
  6: required double score
  7: required i16 level
  8: required byte flags
  9: required i64 created
  10: required i64 updated
  11: required string email
  12: required i32 visits
  13: required i32 errors
  14: required double latitude
  15: required double longitude
  16: required bool verified
  17: required string locale
  18: required i64 parent
  19: required i32 version
  20: required string comment
}

struct Item {
  1: required i64 id
  2: required string name
  3: required double price
  4: required i32 count
  5: required list<string> tags
}

struct Section {
  1: required string title
  2: required list<Item> items
  3: required map<string, i64> totals
}

/** A large nested struct: lists of structs in lists of structs, with maps and strings. */
struct Nested {
  1: required i64 id
  2: required string name
  3: required Wide head
  4: required list<Section> sections
  5: required map<string, string> labels
}
