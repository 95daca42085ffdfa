typedef i32 Id
const Id X = "a"
