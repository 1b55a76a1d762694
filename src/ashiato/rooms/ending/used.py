"""What the intruder used, looked up by how a guard's alarm or a step of a plan names somebody."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from ashiato.rooms.watching.api import Foothold, FootholdKind
from ashiato.terms.alarms import ActorKind

#: What a guard or a plan calls the kinds by which an intruder is known.
_CALLED = {
    FootholdKind.ACCOUNT: ActorKind.ACCOUNT.value,
    FootholdKind.KEY: ActorKind.API_KEY.value,
    FootholdKind.SESSION: ActorKind.SESSION.value,
    FootholdKind.DATABASE_ROLE: ActorKind.DATABASE_ROLE.value,
}
#: Named by an address, or by a network that holds it.
_PLACES = frozenset({ActorKind.ADDRESS.value, ActorKind.NETWORK.value, "host"})
_Address = IPv4Address | IPv6Address


class Used:
    """The footholds of one case, asked by system, kind and value."""

    def __init__(self, found: Iterable[Foothold]) -> None:
        """``found``: what a run shows."""
        self._found = tuple(found)

    def named(self, system: str, kind: str, value: str) -> list[Foothold]:
        """Return what is meant; of a network each address within it, of what is none of its kind nothing."""
        if kind not in _PLACES:
            return self._by_name.get((system, kind, value), [])
        network = _network(value)
        if network is None:
            return []
        if network.num_addresses == 1:
            return self._by_address.get((system, network.network_address), [])
        return [
            each
            for (of, address), found in self._by_address.items()
            if of == system and address in network
            for each in found
        ]

    @cached_property
    def _by_name(self) -> dict[tuple[str, str, str], list[Foothold]]:
        return {
            (each.system, _CALLED[each.kind], each.value): [each]
            for each in self._found
            if each.kind in _CALLED
        }

    @cached_property
    def _by_address(self) -> dict[tuple[str, _Address], list[Foothold]]:
        found: dict[tuple[str, _Address], list[Foothold]] = {}
        for each in self._found:
            network = _network(each.value) if each.kind is FootholdKind.ADDRESS else None
            if network is not None:
                found.setdefault((each.system, network.network_address), []).append(each)
        return found


def _network(value: str) -> IPv4Network | IPv6Network | None:
    """Return the addresses that a value is, an IPv4 one within IPv6 as itself; None for what is none."""
    try:
        if "/" in value:
            return ip_network(value, strict=False)
        address = ip_address(value)
    except ValueError:
        return None
    return ip_network(getattr(address, "ipv4_mapped", None) or address)
