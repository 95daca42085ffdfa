"""What every peer needs: folders, build commands, ports, and the lists that are checked in."""

import fnmatch
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent
WORK = HERE / "work"

GO = {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false"}


def sh(*command, cwd=HERE, env=None):
    """Runs a build command and answers its output; a failure carries the last lines."""
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, env={**os.environ, **(env or {})}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: exit {done.returncode}\n" + "\n".join(done.stdout.splitlines()[-25:]))
    return done.stdout


def apt(*packages):
    """Installs Debian packages where that is possible (CI runs as root, people may have sudo)."""
    if shutil.which("apt-get"):
        prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
        subprocess.run([*prefix, "apt-get", "update", "-qq"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run([*prefix, "apt-get", "install", "-y", "-qq", *packages],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def need(tool, *packages):
    """The tool if it is missing, even after apt-get was asked for its packages."""
    if not shutil.which(tool):
        apt(*packages)
    return None if shutil.which(tool) else packages[0]


def python_imports(module):
    """Whether Debian's Python has a module."""
    return os.path.exists("/usr/bin/python3") and subprocess.run(
        ["/usr/bin/python3", "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode == 0


def jdk25():
    """The home of a JDK 25 or newer, found where Maven's tool chains find it."""
    places = [os.environ.get("JAVA_HOME", "")] + [str(p) for p in pathlib.Path("/usr/lib/jvm").glob("*")]
    cache = pathlib.Path.home() / ".m2" / "discovered-jdk-toolchains-cache.xml"
    if cache.exists():
        places += re.findall(r"<jdkHome>([^<]+)</jdkHome>", cache.read_text())
    for place in filter(None, places):
        release = pathlib.Path(place) / "release"
        version = re.search(r'JAVA_VERSION="(\d+)', release.read_text()) if release.exists() else None
        if version and int(version[1]) >= 25:
            return place
    return None


def lines(name):
    """The entries of a checked-in list: the words of each line, without comments."""
    for line in (HERE / name).read_text().splitlines():
        if line.split("#")[0].strip():
            yield line.split("#")[0].split(None, 4)


def gap(cell):
    """Why this cell is known not to work, or None."""
    for client, server, mode, case, why in lines("known-gaps.txt"):
        if all(fnmatch.fnmatchcase(*pair) for pair in zip(cell, (client, server, mode, case))):
            return why
    return None


def free_port():
    """A port nobody uses. Never two the same: Volo shares a port without a word (SO_REUSEPORT)."""
    with ports_lock:
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            if port not in ports:
                ports.add(port)
                return port


ports, ports_lock = set(), threading.Lock()
