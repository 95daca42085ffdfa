const i32 ONE = true
const i64 ZERO = false
const double WHOLE = true
const list<i8> BITS = [true, false, true]
const map<i32, bool> MAP = {true: false, false: 1}
enum Side { LEFT = true, RIGHT }
const Side SIDE = true
struct Pair { true: i32 first = true, 2: bool second = true, false: i16 third }
