exception X { 1: i32 a }
const X A = {"a": 1}
