cpp_include "vector.h"
cpp_include "<map>"
struct A { 1: i32 a }
