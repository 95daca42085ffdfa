"""A peer: one framework, the program over it, and what its server and client can do in each mode."""

import hashlib
import os
import shutil
import socket
import subprocess
import threading
import time

from matrix.tools import HERE, ROOT, free_port, jdk25, sh


class Peer:
    """One framework: what it needs, how its program is built, and the modes it speaks."""

    tools = ()  # what must exist, by the names that skips-allowed.txt uses
    home = HERE  # has the sources in peers/ and what is built in work/
    idl = None
    says_ready = True  # the server prints READY; otherwise it is ready when its port accepts

    def __init__(self, name, folder=None):
        self.name = name
        self.dir = self.home / "peers" / (folder or name)
        self.work = self.home / "work" / (folder or name)

    def missing(self):
        return next((tool for tool in self.tools if not shutil.which(tool)), None)

    def sources(self):
        return [f for f in sorted(self.dir.rglob("*")) if f.is_file()] + ([self.idl] if self.idl else [])

    def digest(self):
        total = hashlib.sha256()
        for file in self.sources():
            total.update(str(file.relative_to(self.home)).encode() + b"\0" + file.read_bytes())
        return total.hexdigest()

    def prepare(self):
        """Builds unless the same sources were built before."""
        stamp = self.work / "built"
        now = self.digest()
        if stamp.exists() and stamp.read_text() == now:
            return
        self.work.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        self.build()
        stamp.write_text(now)

    def calls(self, mode):
        """The cases that its client has in a mode."""
        raise NotImplementedError

    def answers(self, mode):
        """The cases that its server has in a mode."""
        raise NotImplementedError

    def server_command(self, port, mode):
        raise NotImplementedError

    def client_command(self, port, mode, cases):
        raise NotImplementedError

    def ask(self, port, mode, cases, *more):
        """Runs the client over some cases, and answers what it says about each: '' or a reason."""
        return heard(output([*self.client_command(port, mode, cases), *more], 60 + 10 * len(cases)), cases)


class Volare(Peer):
    """Ours: its two programs, for Thrift and for gRPC, are in one module."""

    def __init__(self, modes):
        super().__init__("volare")
        self.modes = modes  # from a mode to the peer that knows its cases and command line

    def missing(self):
        return None if jdk25() else "jdk25"

    def prepare(self):
        sh(ROOT / "mvnw", "-q", "-B", "-pl", "interop", "-am", "package", "-DskipTests", "-Dformat.skip=true", cwd=ROOT)

    @staticmethod
    def java(main):
        target = HERE / "target"
        jars = [*target.glob("interop-*.jar"), *sorted((target / "lib").glob("*.jar"))]
        return [f"{jdk25()}/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                "--enable-native-access=ALL-UNNAMED", "-cp", os.pathsep.join(map(str, jars)), f"io.volare.interop.{main}"]

    def calls(self, mode):
        return self.modes[mode].calls(mode)

    def answers(self, mode):
        return self.modes[mode].answers(mode)

    def server_command(self, port, mode):
        return self.modes[mode].server_command(port, mode)

    def client_command(self, port, mode, cases):
        return self.modes[mode].client_command(port, mode, cases)


class Server:
    """A running server of a peer."""

    def __init__(self, peer, mode):
        self.port = free_port()
        self.process = subprocess.Popen(
            [str(c) for c in peer.server_command(self.port, mode)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.log = []
        ready = threading.Event()

        def read():
            for line in self.process.stdout:
                self.log.append(line.rstrip())
                if line.strip() == "READY":
                    ready.set()
            ready.set()

        threading.Thread(target=read, daemon=True).start()
        up = ready.wait(30) if peer.says_ready else self.accepts(30)
        if not up or self.process.poll() is not None:
            self.close()
            raise RuntimeError(f"the {peer.name} server did not start: {' / '.join(self.log[-5:])}")

    def accepts(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                time.sleep(0.05)
        return False

    def close(self):
        self.process.kill()
        self.process.wait()


def output(command, seconds, env=None):
    """What a program prints within some time."""
    try:
        return subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=seconds, env={**os.environ, **(env or {})}).stdout
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode(errors="replace")


def heard(printed, cases):
    """What a client said about each case."""
    said = {}
    for line in printed.splitlines():
        case, _, rest = line.partition(" ")
        if case in cases:
            said[case] = "" if rest == "ok" else rest
    last = printed.splitlines()[-1] if printed.strip() else "nothing"
    return {case: said.get(case, f"no answer; the client said: {last}") for case in cases}
