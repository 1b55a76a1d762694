"""The line of an SMTP connection after greeting, TLS and sign-in: what is sent, and whole replies read.

What the server says unasked is seen (``quiet``): a reply too many would be taken for the reply to the next
thing sent, and a mail for accepted that was not. Source: RFC 5321 4.2.1 (replies of several lines).
"""

from __future__ import annotations

import re
import socket
import ssl
from dataclasses import dataclass

_REPLY = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?")
_MOST_BYTES = 65_536


class WireError(Exception):
    """The server speaks no SMTP, or hung up."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply: its code, and the text of its lines."""

    code: int
    text: bytes

    @property
    def kind(self) -> int:
        """The code's first digit: 2 done, 3 go on, 4 not now, 5 no."""
        return self.code // 100


class Wire:
    """A connected socket, read in replies."""

    def __init__(self, link: socket.socket) -> None:
        """Take over a socket on which nothing is under way."""
        self._link = link
        self._read = b""

    def send(self, text: bytes, timeout: float) -> None:
        """Send all of it; raises OSError."""
        self._link.settimeout(timeout)
        self._link.sendall(text)

    def reply(self, timeout: float) -> Reply:
        """Read one reply; raises OSError or WireError."""
        self._link.settimeout(timeout)
        taken = 0
        lines = []
        while True:
            line = self._line()
            taken += len(line)
            found = _REPLY.fullmatch(line)
            if found is None or taken > _MOST_BYTES:
                raise WireError("the server's reply is none of SMTP")
            lines.append(found[3] or b"")
            if found[2] != b"-":
                return Reply(int(found[1]), b" ".join(lines))

    def quiet(self) -> bool:
        """Whether the server has said nothing that was not read."""
        if self._read:
            return False
        self._link.settimeout(0)
        try:
            self._read = self._link.recv(8192)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Hang up."""
        self._link.close()

    def _line(self) -> bytes:
        while b"\n" not in self._read:
            if len(self._read) > _MOST_BYTES:
                raise WireError("the server's reply has no end")
            more = self._link.recv(8192)
            if not more:
                raise WireError("the server hung up")
            self._read += more
        line, _, self._read = self._read.partition(b"\n")
        return line.removesuffix(b"\r")
