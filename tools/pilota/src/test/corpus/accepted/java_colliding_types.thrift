struct foo_bar { 1: i32 a }
struct FooBar { 1: i32 a }
