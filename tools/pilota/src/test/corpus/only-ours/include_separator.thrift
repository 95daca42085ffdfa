include "shared.thrift";
struct A { 1: shared.Point p }
