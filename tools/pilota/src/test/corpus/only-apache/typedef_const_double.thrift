typedef i32 Id
const Id X = 1.5
