"""The servers of other frameworks that are compared with Volare's, built as interop builds its peers."""

import os
import re
import shutil
import subprocess
import sys

from matrix.peer import Peer
from matrix.tools import GO, ROOT, jdk25, need, sh

HOME = ROOT / "benchmarks"
IDL = HOME / "src" / "main"
THRIFT = IDL / "thrift" / "echo.thrift"
PROTO = IDL / "proto" / "echo.proto"
STREAMS = IDL / "proto" / "streams.proto"
GO_PACKAGES = [(PROTO, "protobuf"), (STREAMS, "streams")]


class Foreign(Peer):
    """A program that takes --port and --mode, and prints READY and its port once it listens."""

    home = HOME
    compiler = ()

    def sources(self):
        return [*super().sources(), THRIFT, PROTO, STREAMS]

    def command(self):
        return [self.work / "peer"]

    def version(self):
        """What it is made of, as its own build file says."""
        text = (self.dir / self.versions_in).read_text()
        parts = [f"{name} {re.search(pattern, text)[1]}" for name, pattern in self.versions.items()]
        return ", ".join([*parts, said(*self.compiler)] if self.compiler else parts)


class Kitex(Foreign):
    tools = ("go",)
    compiler = ("go", "env", "GOVERSION")
    versions_in, versions = "go.mod", {"Kitex": r"/kitex v(\S+)"}

    def build(self):
        env = {**GO, "GOFLAGS": "-mod=mod -buildvcs=false", "PATH": f"{self.work}/bin{os.pathsep}{os.environ['PATH']}"}
        for file in self.dir.iterdir():
            shutil.copy(file, self.work)
        sh("go", "build", "-o", "bin/kitex", "github.com/cloudwego/kitex/tool/cmd/kitex", cwd=self.work, env=env)
        sh("bin/kitex", "-module", "bench", THRIFT, cwd=self.work, env=env)
        for idl in (PROTO, STREAMS):
            sh("bin/kitex", "-module", "bench", "-type", "protobuf", "-I", idl.parent, idl, cwd=self.work, env=env)
        sh("go", "build", "-o", "peer", ".", cwd=self.work, env=env)


class GrpcGo(Foreign):
    tools = ("go",)
    compiler = ("go", "env", "GOVERSION")
    versions_in, versions = "go.mod", {"grpc-go": r"/grpc v(\S+)"}

    def missing(self):
        return super().missing() or need("protoc", "protobuf-compiler")

    def build(self):
        env = {**GO, "PATH": f"{self.work}/bin{os.pathsep}{os.environ['PATH']}"}
        for file in self.dir.iterdir():
            shutil.copy(file, self.work)
        sh("go", "build", "-o", "bin/", "google.golang.org/protobuf/cmd/protoc-gen-go",
           "google.golang.org/grpc/cmd/protoc-gen-go-grpc", cwd=self.work, env=env)
        options = [f"--{plugin}_{what}" for plugin in ("go", "go-grpc")
                   for what in ("out=.", "opt=module=bench", *(f"opt=M{idl.name}=bench/{package}" for idl, package in GO_PACKAGES))]
        sh("protoc", "-I", PROTO.parent, *options, PROTO, STREAMS, cwd=self.work, env=env)
        sh("go", "build", "-o", "peer", ".", cwd=self.work, env=env)


class Volo(Foreign):
    tools = ("cargo",)
    compiler = ("rustc", "--version")
    versions_in = "Cargo.lock"
    versions = {name: rf'"{name}"\nversion = "(\S+)"' for name in ("volo", "volo-thrift", "volo-grpc")}

    def build(self):
        sh("cargo", "build", "--quiet", "--locked", "--release", cwd=self.dir, env={"CARGO_TARGET_DIR": self.work / "target"})

    def command(self):
        return [self.work / "target" / "release" / "volo-bench"]


class Jvm(Foreign):
    """grpc-java and Armeria: their own libraries, with the messages and the frame of our programs."""

    versions_in = "pom.xml"
    versions = {"grpc-java": r"grpc-netty-shaded</artifactId>\s*<version>([^<]+)", "Armeria": r"armeria-grpc</artifactId>\s*<version>([^<]+)"}

    def missing(self):
        return None if jdk25() else "jdk25"

    def class_path(self):
        return f"{self.work}/lib/*{os.pathsep}{self.work}/target/classes{os.pathsep}{HOME}/target/classes"

    def build(self):
        sh(ROOT / "mvnw", "-q", "-B", "-f", self.dir / "pom.xml", "dependency:copy-dependencies",
           f"-DoutputDirectory={self.work}/lib")
        sh(f"{jdk25()}/bin/javac", "-nowarn", "-proc:none", "-cp", self.class_path(),
           "-d", self.work / "target" / "classes", *self.dir.glob("*.java"))

    def command(self):  # the comparison puts its own java and flags before these
        return ["-cp", self.class_path(), "io.volare.benchmarks.JvmPeer"]


KITEX, VOLO, GRPC_GO, JVM = Kitex("kitex"), Volo("volo"), GrpcGo("grpc-go"), Jvm("jvm")
VARIANTS = {
    "kitex": (KITEX, "thrift"),
    "kitex-mux": (KITEX, "mux"),
    "kitex-grpc": (KITEX, "grpc"),
    "volo": (VOLO, "thrift"),
    "volo-mux": (VOLO, "mux"),
    "volo-grpc": (VOLO, "grpc"),
    "grpc-go": (GRPC_GO, None),
    "grpc-java-direct": (JVM, "direct"),
    "grpc-java-virtual": (JVM, "virtual"),
    "grpc-java-default": (JVM, "default"),
    "armeria-grpc": (JVM, "armeria"),
    "armeria-grpc-blocking": (JVM, "armeria_blocking"),
}


def prepare(variants):
    """Builds what some variants need; answers those that can run here, and the JVM's options that say how to start them."""
    usable, options, built = [], [], []
    for variant in variants:
        name = variant.split("+")[0].split("@")[0]
        peer, mode = VARIANTS.get(name, (None, None))
        lacking = peer and peer.missing()
        if lacking:
            print(f"skip {variant}: {lacking} is missing", file=sys.stderr)
            continue
        usable.append(variant)
        if not peer:
            continue
        if peer not in built:
            built.append(peer)
            print(f"building {peer.name} unless it is there ...", file=sys.stderr, flush=True)
            peer.prepare()
        words = [*peer.command(), *(["--mode", mode] if mode else [])]
        options.append(f"-Dvariant.{name}=" + "\n".join(map(str, words)))
    return usable, [*options, "-Dversions=" + ", ".join([*ours(), *(peer.version() for peer in built)])]


def said(*command):
    return subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.strip()


def ours():
    """Which commit of Volare this is, and the libraries that its programs here use."""
    yield f"Volare {said('git', 'describe', '--always', '--dirty') or 'of no repository'}"
    for name, jar in (("Netty", "netty-common"), ("libthrift", "libthrift"), ("protobuf-java", "protobuf-java")):
        for file in (HOME / "target" / "lib").glob(f"{jar}-[0-9]*.jar"):
            yield f"{name} {file.stem.removeprefix(jar + '-')}"
