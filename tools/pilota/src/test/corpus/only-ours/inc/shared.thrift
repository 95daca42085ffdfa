namespace java corpus.shared
typedef list<i64> Ids
enum Color { RED = 1, GREEN = 2 }
struct Point { 1: i32 x, 2: i32 y }
exception Oops { 1: string why }
const i32 ZERO = 0
service Pinger { void ping() }
