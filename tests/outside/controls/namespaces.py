"""Two network namespaces joined by a cable: a host with a filter of its own, and somebody outside of it."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

INSTALL = "apt-get install nftables iproute2"
HOST = "192.0.2.1"
_TRY = ("unshare", "--net", "sh", "-c", "ip link add one type veth peer two && nft list ruleset")
#: Connects from an address of its own to a port of the host, within a second.
_CONNECT = "import socket,sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 1, (sys.argv[3], 0))"
_ANSWER = (
    "import socket; s = socket.create_server(('', 0)); print(s.getsockname()[1], flush=True)\n"
    "while True: s.accept()[0].close()"
)


@dataclass(frozen=True)
class Cable:
    """The host's namespace, the outsider's, and the port at which the host answers."""

    host: str
    outside: str
    port: int

    def rules(self) -> str:
        """All that the host's filter holds."""
        return _run("ip", "netns", "exec", self.host, "nft", "list", "ruleset")

    def gets_in(self, sender: str) -> bool:
        """Tell whether the outsider reaches the host from an address."""
        words = ["ip", "netns", "exec", self.outside, sys.executable, "-c", _CONNECT]
        done = subprocess.run([*words, HOST, str(self.port), sender], capture_output=True, check=False)
        return done.returncode == 0


@contextmanager
def cable(*senders: str) -> Iterator[Cable]:
    """Lay a cable to an outsider who has these addresses."""
    if os.geteuid() != 0 or not shutil.which("nft") or not shutil.which("ip"):
        pytest.skip(f"network namespaces need root: {INSTALL}")
    if subprocess.run(_TRY, capture_output=True, check=False).returncode:
        pytest.skip("this kernel gives no network namespaces")
    mark = secrets.token_hex(4)
    host, outside = f"ash-h-{mark}", f"ash-o-{mark}"
    for name in (host, outside):
        _run("ip", "netns", "add", name)
    try:
        _join(host, outside, mark, senders)
        words = ["ip", "netns", "exec", host, sys.executable, "-c", _ANSWER]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as answering:
            assert answering.stdout is not None
            try:
                yield Cable(host, outside, int(answering.stdout.readline()))
            finally:
                answering.kill()
    finally:
        for name in (host, outside):
            _run("ip", "netns", "del", name)


def _join(host: str, outside: str, mark: str, senders: tuple[str, ...]) -> None:
    near, far = f"h{mark}", f"o{mark}"
    _run("ip", "link", "add", near, "netns", host, "type", "veth", "peer", far, "netns", outside)
    for name, device in ((host, near), (outside, far)):
        _run("ip", "-n", name, "link", "set", "lo", "up")
        _run("ip", "-n", name, "link", "set", device, "up")
    _run("ip", "-n", host, "addr", "add", f"{HOST}/24", "dev", near)
    _run("ip", "-n", host, "route", "add", "default", "dev", near)
    _run("ip", "-n", outside, "route", "add", f"{HOST}/32", "dev", far)
    for sender in senders:
        _run("ip", "-n", outside, "addr", "add", f"{sender}/32", "dev", far)


def _run(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout
