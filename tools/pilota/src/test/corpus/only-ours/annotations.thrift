struct A {
  1: i32 a (x = "1", y = '2'; z = "3" w = "4"),
  2: i32 (t = "u") b (empty),
  3: list<i32 (e = "f")> (g = "h") c,
  4: map<string (k = "l"), i32> (m = "n") d
  5: A (note = "ref") e
} (a.b.c = "d")
