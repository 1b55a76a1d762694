"""What the operator's file says of containment: how far it goes by itself, whom it never stops."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from ashiato.outside.controls.targets import ControlError, Network, Target, TargetKind, network_of
from ashiato.terms.alarms import Actor, ActorKind, Alarm, AlarmCode

#: By which this machine speaks with itself, and every try has to be let in.
_OURS = (ip_network("127.0.0.1"), ip_network("::1"))
#: A session that is ended by mistake costs its owner a sign-in, so that more of them may be than of accounts.
_SESSIONS = 100
#: What comes within so long at once is a program's doing.
_PROGRAMS_S = 60
_PLACES = frozenset({ActorKind.ADDRESS, ActorKind.NETWORK})
_OF_NETWORK = {TargetKind.ADDRESS, TargetKind.NETWORK, TargetKind.HOST}


@dataclass(frozen=True)
class Resolver:
    """Asks the domain name system, forward and backward; an answer that does not come is none."""

    names: Callable[[str], Sequence[str]]
    addresses: Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Policy:
    """How far containment goes.

    ``automatic_reach``: the most honest people and routes that a plan may touch without a person's word;
    None: it never goes by itself. ``automatic_sessions``: the most sessions that plans beyond that reach end
    within an hour without a person's word, each of them one asker's. ``automatic_addresses``: the most
    addresses that are stopped so, by plans of one address each. ``most_reach``: beyond it nobody may.
    ``most_targets``: in a plan that goes by itself. ``never``: values by kind; ``crawlers``: domains whose
    hosts are never stopped, by their owners' rule that the name of an address leads back to it.
    """

    automatic_reach: int | None = None
    automatic_sessions: int = 0
    automatic_addresses: int = 0
    most_reach: int | None = None
    most_targets: int = 1_000
    lasts: timedelta = timedelta(hours=1)
    networks: tuple[Network, ...] = ()
    never: Mapping[TargetKind, frozenset[str]] = field(default_factory=dict)
    crawlers: tuple[str, ...] = ()

    @property
    def spared(self) -> bool:
        """Tell whether anybody is named who is never stopped."""
        return bool(self.networks or self.crawlers or any(self.never.values()))

    @property
    def minutes(self) -> int:
        """How long a plan holds unless it says otherwise."""
        return int(self.lasts.total_seconds()) // 60

    def spares(self, target: Target, resolver: Resolver) -> str:
        """Say why a target is never stopped; empty where it may be."""
        if target.value in self.never.get(target.kind, ()):
            return "named under `never`"
        if target.kind not in _OF_NETWORK:
            return ""
        asked = network_of(target)
        if any(own.version == asked.version and own.overlaps(asked) for own in _OURS):
            return "this machine's own address is among it"
        for network in self.networks:
            if network.version == asked.version and network.overlaps(asked):
                return (
                    f"within `never`: {network}"
                    if asked.prefixlen >= network.prefixlen
                    else f"holds {network}"
                )
        return self._crawler(str(asked[0]), resolver) if asked.prefixlen == asked.max_prefixlen else ""

    def waits_for_a_person(self, alarm: Alarm) -> bool:
        """Tell whether an alarm is about somebody at work where nobody is stopped, at a person's pace.

        Who leafs through lists in the office for an hour does mostly what they are paid for; within a minute
        nobody sees as many but a program, which is stopped wherever it runs.
        """
        is_slow = alarm.code is AlarmCode.PEOPLE_BUDGET and alarm.window_s > _PROGRAMS_S
        return is_slow and any(self._is_own_place(each) for each in alarm.actors)

    def _is_own_place(self, actor: Actor) -> bool:
        """Tell whether an actor is an address, or a whole network, within those that are never stopped."""
        if actor.kind not in _PLACES:
            return False
        try:
            asked = ip_network(actor.value)
        except ValueError:
            return False
        held = (each for each in self.networks if each.version == asked.version)
        return any(each.prefixlen <= asked.prefixlen and each.overlaps(asked) for each in held)

    def approvals(self, reach: int | None) -> int:
        """Return how many persons have to approve what touches so many; one within what goes by itself."""
        limit = self.automatic_reach
        return 1 if limit is not None and reach is not None and reach <= limit else 2

    def _crawler(self, address: str, resolver: Resolver) -> str:
        if not self.crawlers:
            return ""
        for name in resolver.names(address):
            owner = next((each for each in self.crawlers if _is_under(name, each)), None)
            if owner is not None and _same(address) in map(_same, resolver.addresses(name)):
                return f"a crawler of {owner}: {name} leads back to it"
        return ""


def policy_of(said: Mapping[str, Any]) -> Policy:
    """Return the policy that a file states; what it does not state stands at its most careful value."""
    never = said.get("never", {})
    minutes, reach = said.get("lasts_minutes", 60), said.get("automatic_reach")
    return Policy(
        automatic_reach=reach,
        automatic_sessions=said.get("automatic_sessions", _SESSIONS) if reach else 0,
        automatic_addresses=said.get("automatic_addresses", 0),
        most_reach=said.get("most_reach"),
        most_targets=said.get("most_targets", 1_000),
        lasts=timedelta(minutes=minutes),
        networks=tuple(_network(each) for each in never.get("networks", ())),
        never={
            kind: frozenset(never.get(f"{kind.value}s", ())) for kind in TargetKind if kind not in _OF_NETWORK
        },
        crawlers=tuple(each.lower().strip(".") for each in never.get("crawlers", ())),
    )


def system_resolver() -> Resolver:
    """Return the machine's own resolver."""
    return Resolver(
        names=lambda address: _asked(lambda: [socket.gethostbyaddr(address)[0]]),
        addresses=lambda name: _asked(
            lambda: [str(found[4][0]) for found in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]
        ),
    )


def _asked(ask: Callable[[], list[str]]) -> list[str]:
    try:
        return ask()
    except (OSError, UnicodeError):
        return []


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        what = f"`never` names {text[:60]!a}, which is no network"
        raise ControlError(what, fix="write it as 192.0.2.0/24 or 192.0.2.7") from None


def _is_under(name: str, owner: str) -> bool:
    return name.lower().rstrip(".").endswith(f".{owner}")


def _same(address: str) -> object:
    return ip_address(address.partition("%")[0])
