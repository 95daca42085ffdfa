"""One grpc.testing server and client over grpcio (the C core), for the matrix in interop/run.

The first argument is the folder of the generated messages; the rest is the command line of every peer. Stubs are
generic: only the messages are generated.
"""

import argparse
import concurrent.futures
import os
import sys
import threading
import time

sys.path.insert(0, sys.argv[1])

import grpc  # noqa: E402
import testing_pb2 as pb  # noqa: E402

SERVICE = "/grpc.testing.TestService/"
INITIAL, TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
KINDS = {
    "EmptyCall": ("unary_unary", pb.Empty, pb.Empty),
    "UnaryCall": ("unary_unary", pb.SimpleRequest, pb.SimpleResponse),
    "StreamingOutputCall": ("unary_stream", pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse),
    "StreamingInputCall": ("stream_unary", pb.StreamingInputCallRequest, pb.StreamingInputCallResponse),
    "FullDuplexCall": ("stream_stream", pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse),
    "HalfDuplexCall": ("stream_stream", pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse),
}
OPTIONS = [("grpc.max_receive_message_length", 16 << 20), ("grpc.max_send_message_length", 16 << 20),
           ("grpc.so_reuseport", 0)]
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"


def payload(size):
    return pb.Payload(body=bytes(size))


class Server:
    """The methods of the service; what is not here is unimplemented."""

    def __init__(self):
        self.name = f"grpcio-{os.getpid()}"

    def EmptyCall(self, request, context):
        return request

    def UnaryCall(self, request, context):
        self.start(request, context)
        if request.HasField("response_compressed") and request.response_compressed.value:
            context.set_compression(grpc.Compression.Gzip)
        return pb.SimpleResponse(payload=payload(request.response_size),
                                 server_id=self.name if request.fill_server_id else "")

    def StreamingOutputCall(self, request, context):
        if any(wanted.compressed.value for wanted in request.response_parameters):
            context.set_compression(grpc.Compression.Gzip)
        yield from self.answers(request, context)

    def StreamingInputCall(self, requests, context):
        return pb.StreamingInputCallResponse(
            aggregated_payload_size=sum(len(request.payload.body) for request in requests))

    def FullDuplexCall(self, requests, context):
        self.echo(context)
        for request in requests:
            self.refuse(request, context)
            yield from self.answers(request, context)

    def HalfDuplexCall(self, requests, context):
        for request in list(requests):
            yield from self.answers(request, context)

    def start(self, request, context):
        self.echo(context)
        self.refuse(request, context)

    @staticmethod
    def echo(context):
        found = dict(context.invocation_metadata())
        if INITIAL in found:
            context.send_initial_metadata([(INITIAL, found[INITIAL])])
        if TRAILING in found:
            context.set_trailing_metadata([(TRAILING, found[TRAILING])])

    @staticmethod
    def refuse(request, context):
        if request.HasField("response_status") and request.response_status.code:
            code = next(c for c in grpc.StatusCode if c.value[0] == request.response_status.code)
            context.abort(code, request.response_status.message)

    @staticmethod
    def answers(request, context):
        for wanted in request.response_parameters:
            time.sleep(wanted.interval_us / 1e6)
            if not wanted.compressed.value:
                context.disable_next_message_compression()
            yield pb.StreamingOutputCallResponse(payload=payload(wanted.size))


def serve(options):
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(32), options=OPTIONS)
    methods, service = {}, Server()
    for name, (kind, request, response) in KINDS.items():
        make = getattr(grpc, f"{kind}_rpc_method_handler")
        methods[name] = make(getattr(service, name), request.FromString, response.SerializeToString)
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("grpc.testing.TestService", methods)])
    address = f"127.0.0.1:{options.port}"
    if options.tls:
        pair = (read(options, "server1.key"), read(options, "server1.pem"))
        server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
    else:
        server.add_insecure_port(address)
    server.start()
    print("READY", flush=True)
    server.wait_for_termination()


def read(options, name):
    with open(os.path.join(options.certs, name), "rb") as file:
        return file.read()


class Client:
    """Each case is a method; it returns when what must hold was seen."""

    def __init__(self, options):
        self.options = options
        self.channel = self.connect()
        self.bind(self.channel)

    def connect(self):
        address = f"{self.options.host}:{self.options.port}"
        if not self.options.tls:
            return grpc.insecure_channel(address, OPTIONS)
        trusted = grpc.ssl_channel_credentials(read(self.options, "ca.pem"))
        return grpc.secure_channel(
            address, trusted, [*OPTIONS, ("grpc.ssl_target_name_override", "foo.test.google.fr")])

    def bind(self, channel):
        def stub(name):
            kind, request, response = KINDS[name]
            return getattr(channel, kind)(SERVICE + name, request.SerializeToString, response.FromString)
        self.empty, self.unary, self.output, self.input, self.duplex, _ = map(stub, KINDS)

    @staticmethod
    def large(**more):
        return pb.SimpleRequest(response_size=314159, payload=payload(271828), **more)

    @staticmethod
    def wants(size, sent, **more):
        return pb.StreamingOutputCallRequest(
            response_parameters=[pb.ResponseParameters(size=size)], payload=payload(sent), **more)

    def empty_unary(self):
        same(self.empty(pb.Empty(), timeout=10), pb.Empty())

    def large_unary(self):
        same(self.unary(self.large(), timeout=10).payload.body, bytes(314159))

    def client_compressed_unary(self):
        fails(grpc.StatusCode.INVALID_ARGUMENT,
              lambda: self.unary(self.large(expect_compressed=pb.BoolValue(value=True)), timeout=10))
        self.client_compressed_unary_noprobe()

    def client_compressed_unary_noprobe(self):
        for gzip in (True, False):
            request = self.large(expect_compressed=pb.BoolValue(value=gzip))
            way = grpc.Compression.Gzip if gzip else grpc.Compression.NoCompression
            same(len(self.unary(request, timeout=10, compression=way).payload.body), 314159)

    def server_compressed_unary(self):
        for gzip in (True, False):
            request = self.large(response_compressed=pb.BoolValue(value=gzip))
            same(self.unary(request, timeout=10).payload.body, bytes(314159))

    def client_streaming(self):
        sizes = [27182, 8, 1828, 45904]
        sent = (pb.StreamingInputCallRequest(payload=payload(size)) for size in sizes)
        same(self.input(sent, timeout=10).aggregated_payload_size, sum(sizes))

    def server_streaming(self):
        sizes = [31415, 9, 2653, 58979]
        request = pb.StreamingOutputCallRequest(
            response_parameters=[pb.ResponseParameters(size=size) for size in sizes])
        same([len(answer.payload.body) for answer in self.output(request, timeout=10)], sizes)

    def server_compressed_streaming(self):
        request = pb.StreamingOutputCallRequest(response_parameters=[
            pb.ResponseParameters(size=31415, compressed=pb.BoolValue(value=True)),
            pb.ResponseParameters(size=92653, compressed=pb.BoolValue(value=False))])
        same([len(answer.payload.body) for answer in self.output(request, timeout=10)], [31415, 92653])

    def ping_pong(self):
        turn = threading.Semaphore(1)

        def requests():
            for size, sent in [(31415, 27182), (9, 8), (2653, 1828), (58979, 45904)]:
                turn.acquire()
                yield self.wants(size, sent)
        seen = []
        for answer in self.duplex(requests(), timeout=10):
            seen.append(len(answer.payload.body))
            turn.release()
        same(seen, [31415, 9, 2653, 58979])

    def empty_stream(self):
        same(list(self.duplex(iter(()), timeout=10)), [])

    def custom_metadata(self):
        sent = [(INITIAL, "test_initial_metadata_value"), (TRAILING, b"\x0a\x0b\x0a\x0b\x0a\x0b")]
        _, call = self.unary.with_call(self.large(), timeout=10, metadata=sent)
        stream = self.duplex(iter([self.wants(314159, 271828)]), timeout=10, metadata=sent)
        same([len(answer.payload.body) for answer in stream], [314159])
        for each in (call, stream):
            same(dict(each.initial_metadata()).get(INITIAL), sent[0][1])
            same(dict(each.trailing_metadata()).get(TRAILING), sent[1][1])

    def status_code_and_message(self):
        status = pb.EchoStatus(code=2, message="test status message")
        for call in (lambda: self.unary(pb.SimpleRequest(response_status=status), timeout=10),
                     lambda: list(self.duplex(iter([pb.StreamingOutputCallRequest(response_status=status)]), timeout=10))):
            same(fails(grpc.StatusCode.UNKNOWN, call), status.message)

    def special_status_message(self):
        status = pb.EchoStatus(code=2, message=SPECIAL)
        same(fails(grpc.StatusCode.UNKNOWN,
                   lambda: self.unary(pb.SimpleRequest(response_status=status), timeout=10)), SPECIAL)

    def unimplemented_method(self):
        self.unimplemented("grpc.testing.TestService")

    def unimplemented_service(self):
        self.unimplemented("grpc.testing.UnimplementedService")

    def unimplemented(self, service):
        call = self.channel.unary_unary(
            f"/{service}/UnimplementedCall", pb.Empty.SerializeToString, pb.Empty.FromString)
        fails(grpc.StatusCode.UNIMPLEMENTED, lambda: call(pb.Empty(), timeout=10))

    def cancel_after_begin(self):
        held = threading.Event()

        def never():
            held.wait(10)
            yield from ()
        call = self.input.future(never(), timeout=10)
        call.cancel()
        held.set()
        same((call.cancelled(), call.code()), (True, grpc.StatusCode.CANCELLED))

    def cancel_after_first_response(self):
        held = threading.Event()

        def one():
            yield self.wants(31415, 27182)
            held.wait(10)
        call = self.duplex(one(), timeout=10)
        same(len(next(call).payload.body), 31415)
        call.cancel()
        held.set()
        fails(grpc.StatusCode.CANCELLED, lambda: next(call))

    def timeout_on_sleeping_server(self):
        held = threading.Event()

        def one():
            yield pb.StreamingOutputCallRequest(payload=payload(27182))
            held.wait(10)
        try:
            fails(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: next(self.duplex(one(), timeout=0.001)))
        finally:
            held.set()

    def very_large_request(self):
        request = pb.SimpleRequest(response_size=10, payload=payload(10 << 20))
        same(self.unary(request, timeout=20).payload.body, bytes(10))

    def pick_first_unary(self):
        request = pb.SimpleRequest(response_size=1, payload=payload(1), fill_server_id=True)
        names = {self.unary(request, timeout=10).server_id for _ in range(100)}
        same((len(names), "" in names), (1, False))

    def rpc_soak(self):
        with concurrent.futures.ThreadPoolExecutor(8) as workers:
            for done in workers.map(lambda _: self.large_unary(), range(200)):
                same(done, None)

    def channel_soak(self):
        for _ in range(10):
            with self.connect() as channel:
                self.bind(channel)
                self.large_unary()


def same(actual, expected):
    if actual != expected:
        shown = [text if len(text) < 80 else text[:80] + "…" for text in (repr(expected), repr(actual))]
        raise AssertionError(f"expected {shown[0]}, got {shown[1]}")


def fails(code, call):
    try:
        call()
    except grpc.RpcError as failure:
        same(failure.code(), code)
        return failure.details()
    raise AssertionError(f"expected {code}, got an answer")


def run(options):
    passed = True
    for name in options.case.split(","):
        result = "ok"
        try:
            getattr(Client(options), name)()
        except Exception as failure:  # every failure of a case is its result
            passed, result = False, f"{type(failure).__name__}: {failure}".replace("\n", " ")
        print(name, result, flush=True)
    return passed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["server", "client"])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int)
    parser.add_argument("--case", default="")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--certs", default=".")
    options = parser.parse_args(sys.argv[2:])
    if options.role == "server":
        serve(options)
    else:
        sys.stdout.flush()
        os._exit(0 if run(options) else 1)  # threads of cancelled calls may still wait


main()
