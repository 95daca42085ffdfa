union U { 1: i32 a, 2: string b }
const U A = {}
