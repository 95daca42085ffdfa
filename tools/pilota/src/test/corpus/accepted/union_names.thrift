struct point { 1: i32 x }
struct Circle { 1: double r }
union Shape { 1: point point, 2: Circle circle, 3: string integer, 4: i32 long, 5: list<string> items, 6: map<i32, i64> override, 7: Shape shape, 8: string unknown, 9: optional string Optional, 10: i64 value }
struct GetResult { 1: i32 a }
struct GetArgs { 1: i32 a }
exception Broken { 1: string message, 2: GetResult getMessage }
service Api { GetResult get(1: GetArgs thrown, 2: i32 client) throws (1: Broken broken), void all(), Shape shape(1: Shape inside) throws (1: Broken value) }
