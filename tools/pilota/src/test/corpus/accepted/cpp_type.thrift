struct A { 1: list<i32> cpp_type "std::deque<int>" a, 2: map cpp_type "M" <i32, i32> b, 3: set cpp_type "S" <i32> c }
