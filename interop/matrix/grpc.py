"""gRPC: the official suites, our small peers over two more libraries, and the cases of the interop specification."""

import base64
import os
import re
import shutil
import subprocess
import time
import xml.etree.ElementTree

from matrix.peer import Peer, Volare, output
from matrix.tools import GO, HERE, ROOT, WORK, apt, python_imports, sh

MODES = ["h2c", "tls"]
WEB = ["web", "web-text", "web-tls", "web-h2"]  # of gRPC-Web: HTTP/1.1, as base64, over TLS, HTTP/2
BASE = [
    "empty_unary", "large_unary", "client_streaming", "server_streaming", "ping_pong", "empty_stream", "custom_metadata",
    "status_code_and_message", "special_status_message", "unimplemented_method", "unimplemented_service",
    "cancel_after_begin", "cancel_after_first_response", "timeout_on_sleeping_server", "rpc_soak", "channel_soak",
]
SERVER_COMPRESSED = ["server_compressed_unary", "server_compressed_streaming"]
CLIENT_COMPRESSED = ["client_compressed_unary_noprobe", "client_compressed_streaming_noprobe",
                     "client_compressed_unary", "client_compressed_streaming"]
ALL = BASE + ["very_large_request", "pick_first_unary"] + SERVER_COMPRESSED + CLIENT_COMPRESSED
SOAK = ["--soak_iterations=160", "--soak_num_threads=8", "--soak_overall_timeout_seconds=60",
        "--soak_per_iteration_max_acceptable_latency_ms=10000"]
WEB_UNARY = ["empty_unary", "large_unary", "custom_metadata", "status_code_and_message", "special_status_message",
             "unimplemented_method", "unimplemented_service"]
WEB_STREAMS = ["server_streaming", "timeout_on_sleeping_server"]
CERTS = WORK / "grpc-java" / "certs"  # the key material that all suites share, from the official Java suite's own jar


class GrpcPeer(Peer):
    """A program with the command line of all gRPC peers: server or client, --port, --tls, --certs and --case."""

    idl = HERE / "src" / "main" / "proto" / "testing.proto"
    client_cases = ALL
    server_cases = ALL

    def calls(self, mode):
        return self.client_cases if mode in MODES else []

    def answers(self, mode):
        return self.server_cases if mode in MODES else []

    def words(self, mode):
        return ["--tls", "--certs", CERTS] if mode == "tls" else []

    def server_command(self, port, mode):
        return [*self.command(), "server", "--port", port, *self.words(mode)]

    def client_command(self, port, mode, cases):
        return [*self.command(), "client", "--host", "127.0.0.1", "--port", port, *self.words(mode), "--case", ",".join(cases)]


class GrpcJava(GrpcPeer):
    """The official Java suite, unchanged, many cases in one process; as okhttp its client is the other one of the two."""

    tools = ("javac",)
    says_ready = False

    def build(self):
        sh(ROOT / "mvnw", "-q", "-B", "-f", self.dir / "pom.xml", "dependency:copy-dependencies",
           f"-DoutputDirectory={self.work}/lib")
        sh("javac", "-nowarn", "-cp", f"{self.work}/lib/*", "-d", self.work / "target" / "classes", self.dir / "Suite.java")
        CERTS.mkdir(exist_ok=True)
        sh(*self.command(), "certs", CERTS)

    def command(self):
        return ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                f"{self.work}/lib/*{os.pathsep}{self.work}/target/classes", "Suite"]

    def words(self, mode):
        return ["--tls"] if mode == "tls" else []

    def client_command(self, port, mode, cases):
        okhttp = ["--okhttp"] if self.name == "okhttp" else []
        return [*super().client_command(port, mode, cases), *okhttp, *SOAK]

    def calls(self, mode):
        return [*super().calls(mode), *(["channelz"] if (self.name, mode) == ("grpc-java", "h2c") else [])]

    def answers(self, mode):
        return super().answers(mode) if self.name == "grpc-java" else []


class GrpcGo(GrpcPeer):
    """The official Go suite, unchanged: one process for each case."""

    tools = ("go",)
    says_ready = False
    client_cases = [*BASE, "pick_first_unary"]
    server_cases = BASE  # it knows no compression, takes 4 MiB, and does not tell its name

    def build(self):
        for file in self.dir.iterdir():
            shutil.copy(file, self.work)
        sh("go", "build", "-o", "bin/", "google.golang.org/grpc/interop/client", "google.golang.org/grpc/interop/server",
           cwd=self.work, env=GO)

    def server_command(self, port, mode):
        tls = ["--use_tls", f"--tls_cert_file={CERTS}/server1.pem", f"--tls_key_file={CERTS}/server1.key"]
        return [self.work / "bin" / "server", f"--port={port}", *(tls if mode == "tls" else [])]

    def ask(self, port, mode, cases):
        tls = ["--use_tls", "--use_test_ca", f"--ca_file={CERTS}/ca.pem", "--server_host_override=foo.test.google.fr"]
        said = {}
        for case in cases:
            command = [self.work / "bin" / "client", "--server_host=127.0.0.1", f"--server_port={port}",
                       f"--test_case={case}", *(tls if mode == "tls" else []), *SOAK]
            printed = output(["/bin/sh", "-c", '"$@" && echo passed', "sh", *command], 70)
            last = printed.strip().splitlines()[-1] if printed.strip() else "nothing"
            said[case] = "" if last == "passed" else last
        return said


class Grpcio(GrpcPeer):
    """Python over the C core."""

    client_cases = [case for case in ALL if not case.startswith("client_compressed_streaming")]
    server_cases = [case for case in ALL if case not in ("client_compressed_unary", "client_compressed_streaming")]

    def missing(self):
        def there():
            return python_imports("grpc") and python_imports("google.protobuf") and shutil.which("protoc")
        if not there():
            apt("python3-grpcio", "python3-protobuf", "protobuf-compiler")
        return None if there() else "python3-grpcio"

    def build(self):
        sh("protoc", "-I", self.idl.parent, "--python_out", self.work, self.idl)

    def command(self):
        return ["/usr/bin/python3", self.dir / "peer.py", self.work]


class GrpcJs(GrpcPeer):
    """Node's own HTTP/2."""

    tools = ("npm",)
    client_cases = [case for case in ALL if not case.startswith("client_compressed_streaming")]
    server_cases = [case for case in ALL if case not in SERVER_COMPRESSED + ["client_compressed_unary", "client_compressed_streaming"]]

    def build(self):
        for file in [*self.dir.iterdir(), self.idl]:
            shutil.copy(file, self.work)
        sh("npm", "ci", "--silent", "--no-audit", "--no-fund", cwd=self.work)

    def command(self):
        return ["node", self.work / "peer.js"]


class GrpcWeb(GrpcPeer):
    """The library of browsers, on Node. It reads streams as text only."""

    tools = ("npm",)

    def calls(self, mode):
        return {"web": WEB_UNARY, "web-tls": WEB_UNARY, "web-text": WEB_UNARY + WEB_STREAMS}.get(mode, [])

    def answers(self, mode):
        return []

    def build(self):
        for file in [*self.dir.iterdir(), self.idl]:
            shutil.copy(file, self.work)
        sh("npm", "ci", "--silent", "--no-audit", "--no-fund", cwd=self.work)

    def command(self):
        return ["node", self.work / "peer.js"]

    def words(self, mode):
        return {"web-text": ["--format", "text"], "web-tls": ["--tls", "--certs", CERTS]}.get(mode, [])


class Curl(GrpcPeer):
    """A call written by hand, as HTTP/1.1, in base64, over TLS and as HTTP/2 with prior knowledge."""

    tools = ("curl",)
    empty = b"\0\0\0\0\0"
    expected = empty + b"\x80\0\0\0\x10grpc-status: 0\r\n"

    def calls(self, mode):
        return ["empty_unary"] if mode in WEB else []

    def answers(self, mode):
        return []

    def build(self):
        pass

    def ask(self, port, mode, cases):
        text = mode == "web-text"
        body = base64.b64encode(self.empty) if text else self.empty
        words = {"web-tls": ["--cacert", CERTS / "ca.pem", "--connect-to", f"foo.test.google.fr:{port}:127.0.0.1:{port}"],
                 "web-h2": ["--http2-prior-knowledge"]}.get(mode, ["--http1.1"])
        host = "https://foo.test.google.fr" if mode == "web-tls" else "http://127.0.0.1"
        command = ["curl", "-sS", "--max-time", "20", *words, "-H", "content-type: application/grpc-web" + ("-text" if text else ""),
                   "--data-binary", "@-", f"{host}:{port}/grpc.testing.TestService/EmptyCall"]
        done = subprocess.run([str(c) for c in command], input=body, capture_output=True, check=False)
        said = b"".join(base64.b64decode(part) for part in re.findall(b"[^=]+=*", done.stdout)) if text else done.stdout
        why = "" if said == self.expected else f"{said!r} {done.stderr.decode().strip()}"
        return {"empty_unary": why}


class H2spec(GrpcPeer):
    """Conformance of HTTP/2, of Volare's server only: all tests, none failed and none skipped."""

    tools = ("go",)
    client_cases = ["conformance"]
    server_cases = []
    tests = 145
    seconds = 30

    def build(self):
        for file in self.dir.iterdir():
            shutil.copy(file, self.work)
        sh("go", "build", "-o", "bin/", "github.com/summerwind/h2spec/cmd/h2spec", cwd=self.work, env=GO)

    def ask(self, port, mode, cases):
        bad = self.failures(port, mode)
        afterwards = OURS.ask(port, mode, ["empty_unary"])["empty_unary"]
        return {"conformance": "; ".join([*bad[:8], *(["afterwards: " + afterwards] if afterwards else [])])}

    def failures(self, port, mode):
        """What does not hold: failed and skipped tests, too few of them, too slow."""
        results = self.work / f"junit-{port}.xml"
        results.unlink(missing_ok=True)
        start = time.monotonic()
        printed = output([self.work / "bin" / "h2spec", "-h", "127.0.0.1", "-p", port, "-o", "2", "-j", results,
                          "-P", "/grpc.testing.TestService/EmptyCall", *(["-t", "-k"] if mode == "tls" else [])], 120)
        took = time.monotonic() - start
        if not results.exists():
            return [f"h2spec said nothing: {printed[-200:]}"]
        cases = list(xml.etree.ElementTree.parse(results).iter("testcase"))
        bad = [f"{case.get('package')} {case.get('classname')}: {' '.join((each.text or each.tag).split())}"
               for case in cases for each in case if each.tag in ("failure", "error", "skipped")]
        if len(cases) != self.tests:
            bad.append(f"{len(cases)} tests (expected: {self.tests})")
        if took > self.seconds:
            bad.append(f"{took:.0f} s (expected: at most {self.seconds} s)")
        return bad


class VolareGrpc(GrpcPeer):
    """Ours."""

    def answers(self, mode):
        if mode in WEB:
            return WEB_UNARY + WEB_STREAMS
        return [*self.server_cases, "conformance", "channelz"] if mode in MODES else []

    def words(self, mode):
        return [*super().words(mode.removeprefix("web-")), *(["--web"] if mode in WEB else [])]

    def command(self):
        return Volare.java("GrpcPeer")


OURS = VolareGrpc("volare")
PEERS = [GrpcJava("grpc-java"), GrpcJava("okhttp", "grpc-java"), GrpcGo("grpc-go"), Grpcio("grpcio"), GrpcJs("grpc-js"),
         H2spec("h2spec"), GrpcWeb("grpc-web"), Curl("curl")]
