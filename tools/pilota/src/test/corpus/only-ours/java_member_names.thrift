struct A { 1: i32 hashCode, 2: i32 toString, 3: i32 equals, 4: i32 getClass, 5: i32 builder, 6: i32 build, 7: i32 CODEC, 8: i32 value, 9: i32 unknownFields, 10: i32 out, 11: i32 in }
