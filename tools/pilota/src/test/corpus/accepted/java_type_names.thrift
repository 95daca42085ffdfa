struct String { 1: string s }
struct Object { 1: i32 a }
struct List { 1: list<i32> l }
struct Integer { 1: i32 i, 2: optional i32 o }
struct Override { 1: String s, 2: Object o, 3: List l }
struct Binary { 1: binary b }
struct ThriftReader { 1: i32 a }
