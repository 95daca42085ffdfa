struct A { 1: set cpp_type S <i32> c }
