struct A { 1: i32 fooBar, 2: i32 foo_bar, 3: i32 FooBar }
