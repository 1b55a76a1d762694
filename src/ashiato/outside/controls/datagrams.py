"""Try from the blocked side: datagrams with the senders' own addresses, to a socket of this machine.

They go out by a raw socket over the loopback, so that the very filter of this machine judges them before our
socket hears them; no word of them leaves it. One from the loopback's own address has to arrive, else silence
proves nothing. ``python -m ashiato.outside.controls.datagrams``, run within a network namespace where that is
filtered, reads a JSON list of addresses and prints those that were heard. Needs CAP_NET_RAW.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address
_PORT_OF_SENDER = 9
_HOPS = 64
#: Sent in turns of so many, so that whoever is heard fits into the socket's room.
_TURN = 200
_SECONDS = 0.3


def heard_of(sources: Iterable[str]) -> set[str]:
    """Return the addresses whose datagram arrived, the loopback's own among them where trying is possible."""
    heard: set[str] = set()
    for family, own in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        version = 4 if family == socket.AF_INET else 6
        asked = [address for address in map(ip_address, sources) if address.version == version]
        if asked:
            heard |= _heard(family, ip_address(own), asked)
    return heard


def _heard(family: socket.AddressFamily, own: Address, sources: Sequence[Address]) -> set[str]:
    with (
        closing(socket.socket(family, socket.SOCK_DGRAM)) as ear,
        closing(socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)) as mouth,
    ):
        ear.bind((str(own), 0))
        heard: set[str] = set()
        for first in range(0, len(sources), _TURN):
            turn = [*sources[first : first + _TURN], own]
            for source in turn:
                mouth.sendto(_packet(source, own, ear.getsockname()[1]), (str(own), 0))
            heard |= _listen(ear, own)
        return heard


def _listen(ear: socket.socket, own: Address) -> set[str]:
    """Hear who arrives until the last one sent, the loopback's own, does: what arrives keeps its order."""
    heard: set[str] = set()
    ear.settimeout(_SECONDS)
    try:
        while str(own) not in heard:
            heard.add(str(ip_address(ear.recvfrom(64)[1][0])))
    except TimeoutError:
        pass
    return heard


def _packet(source: Address, target: Address, port: int) -> bytes:
    body = b"ashiato"
    length = 8 + len(body)
    words = struct.pack("!HHHH", _PORT_OF_SENDER, port, length, 0) + body
    ends = source.packed + target.packed
    if source.version == 4:
        # Of IPv4 the system itself fills in the header's sum; a datagram's may be left out.
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0, _HOPS, socket.IPPROTO_UDP, 0)
        return header + ends + words
    sum_ = _checksum(ends + struct.pack("!II", length, socket.IPPROTO_UDP) + words) or 0xFFFF
    header = struct.pack("!IHBB", 6 << 28, length, socket.IPPROTO_UDP, _HOPS)
    return header + ends + words[:6] + struct.pack("!H", sum_) + words[8:]


def _checksum(content: bytes) -> int:
    """Return the sum of RFC 1071."""
    even = content + b"\0" * (len(content) % 2)
    total: int = sum(struct.unpack(f"!{len(even) // 2}H", even))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total


if __name__ == "__main__":
    sys.stdout.write(json.dumps(sorted(heard_of(json.load(sys.stdin)))))
