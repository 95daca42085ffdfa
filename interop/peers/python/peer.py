"""One server and one client over Apache Thrift's Python, for the matrix in interop/run.

The first argument is the folder of the generated code; the rest is the command line of every peer.
"""

import argparse
import os
import signal
import sys
import threading
import time

sys.path.insert(0, sys.argv[1])

from cases import Cases, Later  # noqa: E402
from cases.ttypes import Choice, Color, Everything, Oops, Point, Request, Response  # noqa: E402
from thrift.protocol.TBinaryProtocol import TBinaryProtocol, TBinaryProtocolFactory  # noqa: E402
from thrift.server.TServer import TThreadedServer  # noqa: E402
from thrift.Thrift import TApplicationException  # noqa: E402
from thrift.transport import TSocket, TTransport  # noqa: E402


class Handler:
    def __init__(self):
        self.logged = set()

    def Echo(self, req):
        word, _, rest = req.msg.partition(":")
        text = req.msg
        if word == "oops":
            raise Oops(why="because", code=7)
        if word == "err":
            raise TApplicationException(TApplicationException.INTERNAL_ERROR, "went wrong")
        if word == "sleep":
            time.sleep(int(rest) / 1000)
        if word == "logged":
            text = "yes" if rest in self.logged else "no"
        return Response(action=req.action, msg=text)

    def Swap(self, all):
        return all

    def Ping(self):
        pass

    def Log(self, req):
        self.logged.add(req.msg)


def everything():
    return Everything(
        yes=True, tiny=-8, small=-300, medium=1 << 30, large=-(1 << 60), real=0.1, text="héllo ☃ 𝄞",
        raw=b"\x00\x01\xfe\xff", color=Color.BLUE, choice=Choice(number=42), names=["a", "", "c"], ids={7},
        counts={"one": 1, "": -1}, nested={5: [{"p": Point(1, -2)}, {}], 6: []},
        colors=[Color.RED, Color.GREEN], after_fifteen="sixteen", far=Point(3, 4), very_far=1 << 40)


def wrapped(wire):
    return TTransport.TFramedTransportFactory() if wire == "framed" else TTransport.TBufferedTransportFactory()


class Client:
    """A connection, with the generated client of a service."""

    def __init__(self, options, service=Cases, limit=20000):
        socket = TSocket.TSocket("127.0.0.1", options.port)
        socket.setTimeout(limit)
        self.transport = wrapped(options.wire).getTransport(socket)
        self.calls = service.Client(TBinaryProtocol(self.transport))
        self.transport.open()

    def echo(self, text):
        return self.calls.Echo(Request(action="a", msg=text)).msg

    def expect(self, sent, expected):
        got = self.echo(sent)
        assert got == expected, f"{sent}: expected {expected!r}, got {got!r}"


def thrown(kind, call):
    try:
        got = call()
    except kind as failure:
        return failure
    raise AssertionError(f"expected {kind.__name__}, got {got!r}")


def run(options, case):
    client = Client(options)
    if case == "echo":
        client.calls.Ping()
        client.expect("hi", "hi")
    elif case == "all":
        got = client.calls.Swap(everything())
        assert got == everything(), f"got {got}"
    elif case == "big":
        big = "0123456789abcdef" * (3 << 16)
        assert client.echo(big) == big, "another text"
    elif case == "concurrent":
        concurrent(options)
    elif case == "declared":
        oops = thrown(Oops, lambda: client.echo("oops"))
        assert (oops.why, oops.code) == ("because", 7), oops
    elif case == "application":
        failure = thrown(TApplicationException, lambda: client.echo("err"))
        assert "went wrong" in str(failure), failure
        client.expect("hi", "hi")
    elif case == "unknown":
        failure = thrown(TApplicationException, lambda: Client(options, Later).calls.Missing("x"))
        assert failure.type in (1, 20), failure
    elif case == "oneway":
        token = str(time.monotonic_ns())
        client.calls.Log(Request(action="a", msg=token))
        for _ in range(40):
            if client.echo("logged:" + token) == "yes":
                return
            time.sleep(0.05)
        raise AssertionError("the oneway call did not arrive")
    elif case == "timeout":
        start = time.monotonic()
        failure = thrown(TTransport.TTransportException, lambda: Client(options, limit=300).echo("sleep:2000"))
        assert isinstance(failure.inner, TimeoutError), failure
        assert time.monotonic() - start < 1.5, "late"
    else:
        raise AssertionError(f"no such case: {case}")


def concurrent(options):
    failures = []

    def work(worker):
        try:
            client = Client(options)
            for i in range(50):
                client.expect(f"call {i} of {worker}", f"call {i} of {worker}")
        except Exception as failure:  # every failure is told, whatever it is
            failures.append(failure)

    workers = [threading.Thread(target=work, args=(n,)) for n in range(64)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]


def serve(options):
    listener = TSocket.TServerSocket("127.0.0.1", options.port)
    listener.listen()
    listener.listen = lambda: None  # it listens: say so, and do not bind again
    print("READY", flush=True)
    TThreadedServer(Cases.Processor(Handler()), listener, wrapped(options.wire), TBinaryProtocolFactory(),
                    daemon=True).serve()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("role")
    parser.add_argument("--port", type=int)
    parser.add_argument("--wire", default="framed")
    parser.add_argument("--case", default="")
    options = parser.parse_args(sys.argv[2:])
    if options.role == "server":
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        serve(options)
    failed = False
    for case in options.case.split(","):
        try:
            run(options, case)
            print(case, "ok")
        except Exception as failure:
            failed = True
            print(case, f"{type(failure).__name__}: {failure}".replace("\n", " ")[:300])
    sys.exit(failed)


main()
