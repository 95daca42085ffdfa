struct A { 0x10: i32 a }
