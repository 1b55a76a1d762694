"""Loopback and nothing else: where the range listens, and which of its addresses belong to whom.

On Linux every address of 127.0.0.0/8 is this machine's own, so a client that binds one has an address that
servers see, log and can block, as real as any other.
"""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address, ip_network

from range.errors import RangeError

_LOOPBACK = ip_network("127.0.0.0/8")
#: Where the office's people come from, behind one address, as many offices do.
OFFICE = "127.0.10.20"
#: Who asks whether the site is alive.
HEALTH_CHECK = "127.0.10.5"
#: The honest partner's machine.
PARTNER = "127.0.10.40"
_CUSTOMERS = int(IPv4Address("127.16.0.1"))
_INTRUDERS = int(IPv4Address("127.66.0.1"))
_MOST = 4096

WARNING = (
    "This range is DELIBERATELY WEAK: anybody who reaches it can read and change all of it.\n"
    "It listens on loopback only. Never forward its ports, and keep nothing real in it."
)


def check_loopback(address: str) -> str:
    """Return the address when it is loopback; anything else is refused, a name too."""
    try:
        inside = ip_address(address) in _LOOPBACK
    except ValueError:
        inside = False
    if not inside:
        raise RangeError(
            f"The range does not bind to {address!r}: it is deliberately weak and listens on loopback only.",
            "name an address of 127.0.0.0/8, such as 127.0.0.1.",
        )
    return address


def customer_address(number: int) -> str:
    """Return the address of a customer's home: about 3 million of them, then again from the first."""
    return str(IPv4Address(_CUSTOMERS + number % (48 << 16)))


def intruder_addresses(count: int, first: int = 0) -> list[str]:
    """Return as many addresses of intruders; ``first`` sets one intruder apart from another."""
    if not 1 <= count <= _MOST:
        message = f"An intruder has 1 to {_MOST} addresses, not {count}."
        raise RangeError(message, "name a number between these.")
    start = _INTRUDERS + first * _MOST
    return [str(IPv4Address(start + number)) for number in range(count)]
