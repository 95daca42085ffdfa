struct A { 1: i8 a, 2: byte b }
