senum Sorts { "red", "green" }
struct A { 1: Sorts s }
