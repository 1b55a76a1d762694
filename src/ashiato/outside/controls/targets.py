"""What a control is laid on; every value comes out of hostile lines, and so is checked for its kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from ashiato.terms.errors import ServerError

Network = IPv4Network | IPv6Network
_MOST = 256
#: Visible ASCII without spaces: what identifiers of sessions, accounts, roles and keys are made of.
_IDENTIFIER = re.compile(r"[!-~]{1,256}")
#: A path as web servers compare it: decoded, without its query.
_ROUTE = re.compile(r"/[A-Za-z0-9._~/-]{0,255}")


class TargetKind(StrEnum):
    """The kinds of an actor (``ashiato.terms.alarms``), and what else can be closed."""

    ADDRESS = "address"
    NETWORK = "network"
    SESSION = "session"
    ACCOUNT = "account"
    DATABASE_ROLE = "database-role"
    API_KEY = "api-key"
    ROUTE = "route"
    HOST = "host"
    PEER = "peer"


class ControlError(ServerError):
    """A control refuses, or its real part does; what holds now is to be observed, not guessed."""


class NoAnswerError(ControlError):
    """A real part did not answer in time: what it did is not known."""


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """Who or what is to be stopped, as one system names it; ``value`` in the form of its kind."""

    system: str
    kind: TargetKind
    value: str


def checked_target(system: str, kind: str, value: str) -> Target:
    """Return a target in the one form of its kind; ControlError for a value that is none of that kind."""
    found = TargetKind(kind)
    if len(value) > _MOST:
        raise _refused(found, value)
    try:
        form = _FORMS.get(found, _identifier)(value)
    except ValueError:
        raise _refused(found, value) from None
    return Target(system, found, form)


def network_of(target: Target) -> Network:
    """Return the addresses that an address, a network or a host is."""
    return _read_network(target.value)


#: Thousands of targets are each asked for their addresses at every deed.
_read_network = lru_cache(65_536)(ip_network)


def _address(value: str) -> str:
    """One address that somebody can come from; one of IPv4 within IPv6 is the former."""
    found: IPv4Address | IPv6Address = ip_address(value)
    inner = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    found = inner or found
    if found.is_unspecified or found.is_multicast or "%" in value:
        raise ValueError(value)
    return str(found)


def _network(value: str) -> str:
    """A network by its first address, which somebody can come from; everybody's is none."""
    found = ip_network(value)
    first = found.network_address
    if not found.prefixlen or _address(str(first)) != str(first):
        raise ValueError(value)
    return str(found)


def _identifier(value: str) -> str:
    if not _IDENTIFIER.fullmatch(value):
        raise ValueError(value)
    return value


def _route(value: str) -> str:
    if not _ROUTE.fullmatch(value):
        raise ValueError(value)
    return value


_FORMS: Mapping[TargetKind, Callable[[str], str]] = {
    TargetKind.ADDRESS: _address,
    TargetKind.HOST: _address,
    TargetKind.NETWORK: _network,
    TargetKind.ROUTE: _route,
}


def _refused(kind: TargetKind, value: str) -> ControlError:
    shown = ascii(value[:60])
    return ControlError(f"{shown} is no {kind.value}", fix="name it as its own system does")
