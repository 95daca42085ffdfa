struct A { 1: i32 hashCode, 2: i32 toString, 3: i32 clone, 4: i32 notify, 5: i32 out, 6: i32 in, 7: i32 field, 8: string other }
