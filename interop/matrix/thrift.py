"""Thrift: the originals, the modes that they share, and their cases."""

import os
import shutil

from matrix.peer import Peer, Volare
from matrix.tools import GO, HERE, ROOT, apt, need, python_imports, sh

PLAIN = ["echo", "all", "big", "concurrent", "declared", "application", "unknown", "oneway", "timeout"]
HEADER = ["biz", "meta", "backward", "caller", "deadline"]
MODES = ["bare", "framed", "ttheader", "ttheaderframed", "framed+mux", "ttheader+mux", "ttheaderframed+mux"]
CHAINS = [  # the client, then the servers in the order of the hops
    ("volare", "kitex", "volare", "volo"),
    ("kitex", "volare", "volo"),
    ("kitex", "volare", "volo", "volare", "kitex"),
    ("volo", "volare", "kitex"),
    ("volo", "volare", "kitex", "volare", "volo"),
]


class ThriftPeer(Peer):
    """A program with the command line of all Thrift peers: server or client, --port, --wire, --mux and --case."""

    modes = ["bare", "framed"]
    cases = PLAIN
    idl = HERE / "src" / "main" / "thrift" / "cases.thrift"

    def calls(self, mode):
        header = "ttheader" in mode
        return [c for c in self.cases if header or c not in HEADER + ["crrst"]] if mode in self.modes else []

    answers = calls

    def words(self, mode):
        wire, _, mux = mode.partition("+")
        return ["--wire", wire, *(["--mux"] if mux else [])]

    def server_command(self, port, mode):
        return [*self.command(), "server", "--port", port, *self.words(mode)]

    def client_command(self, port, mode, cases):
        return [*self.command(), "client", "--port", port, *self.words(mode), "--case", ",".join(cases)]


class Kitex(ThriftPeer):
    modes = ["bare", "framed", "ttheader", "ttheaderframed", "ttheader+mux", "ttheaderframed+mux"]
    cases = PLAIN + HEADER + ["crrst"]
    tools = ("go",)

    def build(self):
        env = {**GO, "GOFLAGS": "-mod=mod -buildvcs=false"}
        for file in self.dir.iterdir():
            shutil.copy(file, self.work)
        sh("go", "build", "-o", "bin/kitex", "github.com/cloudwego/kitex/tool/cmd/kitex", cwd=self.work, env=env)
        env["PATH"] = f"{self.work}/bin{os.pathsep}{os.environ['PATH']}"
        # without -service: code for clients and servers, but no example handler and main
        sh("bin/kitex", "-module", "interop", self.idl, cwd=self.work, env=env)
        sh("go", "build", "-o", "peer", ".", cwd=self.work, env=env)

    def command(self):
        return [self.work / "peer"]


class Volo(ThriftPeer):
    modes = MODES
    cases = PLAIN + HEADER + ["crrst"]
    tools = ("cargo",)

    def build(self):
        sh("cargo", "build", "--quiet", "--locked", cwd=self.dir, env={"CARGO_TARGET_DIR": self.work / "target"})

    def command(self):
        return [self.work / "target" / "debug" / "volo-peer"]


class Python(ThriftPeer):
    def missing(self):
        if not python_imports("thrift") or not shutil.which("thrift"):
            apt("python3-thrift", "thrift-compiler")
        return None if python_imports("thrift") and shutil.which("thrift") else "python3-thrift"

    def build(self):
        sh("thrift", "--gen", "py", "-out", self.work, self.idl)

    def command(self):
        return ["/usr/bin/python3", self.dir / "peer.py", self.work]


class Node(ThriftPeer):
    cases = [case for case in PLAIN if case != "timeout"]  # the library has no limit for a call
    tools = ("npm",)

    def missing(self):
        return super().missing() or need("thrift", "thrift-compiler")

    def build(self):
        for file in ("package.json", "package-lock.json", "peer.js"):
            shutil.copy(self.dir / file, self.work)
        sh("npm", "ci", "--silent", "--no-audit", "--no-fund", cwd=self.work)
        sh("thrift", "--gen", "js:node", "-out", self.work, self.idl)

    def command(self):
        return ["node", self.work / "peer.js"]


class Java(ThriftPeer):
    tools = ("javac",)

    def missing(self):
        return super().missing() or need("thrift", "thrift-compiler")

    def build(self):
        sh(ROOT / "mvnw", "-q", "-B", "-f", self.dir / "pom.xml", "dependency:copy-dependencies",
           f"-DoutputDirectory={self.work}/lib")
        target = self.work / "target"  # a name that the formatter passes over
        target.mkdir(exist_ok=True)
        sh("thrift", "--gen", "java:generated_annotations=suppress", "-out", target, self.idl)
        sources = [*self.dir.glob("*.java"), *target.rglob("cases/*.java")]
        sh("javac", "-nowarn", "-cp", f"{self.work}/lib/*", "-d", target / "classes", *sources)

    def command(self):
        return ["java", "-cp", f"{self.work}/lib/*{os.pathsep}{self.work}/target/classes", "Peer"]


class VolareThrift(ThriftPeer):
    modes = MODES
    cases = PLAIN + HEADER + ["crrst"]

    def command(self):
        return Volare.java("Peer")


OURS = VolareThrift("volare")
PEERS = [Kitex("kitex"), Volo("volo"), Python("python"), Node("node"), Java("java")]
