include "shared.thrift"
service S extends shared.Pinger { shared.Point move(1: shared.Point p) throws (1: shared.Oops o) }
