/** A doc with <b>tags</b>, {@link nothing}, @param x, a \u0041 and & and unbalanced { brace. */
struct A {
  /** first *\/ x */ 1: i32 a
  // ends with backslash \
  2: i32 b
}
