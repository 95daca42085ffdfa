struct A { 1: list cpp_type "L" <i32> a }
