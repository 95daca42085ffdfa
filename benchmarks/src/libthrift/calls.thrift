// Debian's compiler generates services for a libthrift before 0.21; its structs fit 0.25. So the two structs of the
// service's method are written down here, and LibthriftServer makes the processor that the compiler would.
namespace java apache.benchmarks

include "echo.thrift"

struct EchoArgs {
  1: echo.Request req
}

struct EchoResult {
  0: optional echo.Response success
}
