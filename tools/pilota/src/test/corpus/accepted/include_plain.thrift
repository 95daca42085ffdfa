include "shared.thrift"
struct A { 1: shared.Point p, 2: shared.Color c = shared.Color.RED }
const i32 ORIGIN = shared.ZERO
