# shell
// slashes
/* block */
/** doc */
/***/
/**/
/* a ** b * c */
/** multi
 * line
 */
struct A { # tail
  1: i32 a, // tail
  /* before */ 2: i32 /* inside */ b /* after */; /** trailing doc */
  /**
   * Doc of c.
   */
  3: i32 c
}
