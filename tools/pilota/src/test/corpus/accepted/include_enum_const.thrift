include "shared.thrift"
const shared.Color C = shared.Color.GREEN
const shared.Point P = {"x": shared.ZERO, "y": 3}
struct A { 1: shared.Color c = shared.Color.RED, 2: shared.Point p = {"x": 1, "y": 2}, 3: shared.Ids ids }
