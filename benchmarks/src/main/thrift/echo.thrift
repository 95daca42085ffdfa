// The public benchmark IDL: what every framework's benchmark of this kind echoes.
namespace java io.volare.benchmarks.idl
namespace go echo
namespace rs echo

struct Request {
  1: required string action
  2: required string msg
}

struct Response {
  1: required string action
  2: required string msg
}

service EchoServer {
  Response Echo(1: Request req)
}
