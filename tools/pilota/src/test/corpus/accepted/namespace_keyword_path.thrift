namespace java com.example.struct.list
struct A { 1: i32 a }
