"""Addresses and networks dropped by the kernel's own filter, in a table of ours, each with its time-out.

The table ``inet ashiato`` is made with its first element and goes with its last: others are neither read nor
written. All of a call is one transaction. Each element ends by itself in the kernel, whatever becomes of us.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import ClassVar

from ashiato.outside.controls.control import Control, State, Trial, Verb
from ashiato.outside.controls.running import find_program, run
from ashiato.outside.controls.targets import ControlError, Target, TargetKind, network_of

_TABLE = "inet ashiato"
_OPEN: State = {"denied": False, "until": None}
_SETS = {
    "addresses4": ("ipv4_addr", "timeout"),
    "addresses6": ("ipv6_addr", "timeout"),
    "networks4": ("ipv4_addr", "interval, timeout"),
    "networks6": ("ipv6_addr", "interval, timeout"),
}


@dataclass(frozen=True)
class Nftables(Control):
    """The filter of this machine, or of one network namespace of it; ``seconds`` for an answer."""

    verb: ClassVar = Verb.INBOUND_TRAFFIC_FILTERING
    takes: ClassVar = frozenset({TargetKind.ADDRESS, TargetKind.NETWORK})

    netns: str = ""
    seconds: float = 10.0

    def observe(self, targets: Sequence[Target]) -> list[State]:
        """Read the sets: whether each target is an element, and until when."""
        held = self._elements()
        return [held.get(_element(target), _OPEN) for target in targets]

    def wanted(self, target: Target, before: State, until: datetime) -> State:
        """Dropped until then, or longer where it is already."""
        del target
        already = before["until"]
        ends = int(until.timestamp())
        return {"denied": True, "until": max(ends, already) if isinstance(already, int) else ends}

    def put(self, states: Sequence[tuple[Target, State]], at: datetime) -> None:
        """Write all of it in one transaction."""
        held = self._elements()
        _refuse_overlaps([target for target, state in states if state["denied"]], held)
        after = held | {_element(target): state for target, state in states}
        if any(_left(state, at) > 0 for state in after.values()):
            self._transact([*_table(), *_lines_of(states, held, at)])
        elif self._has_table():
            self._transact([f"delete table {_TABLE}"])

    def attempt(self, targets: Sequence[Target]) -> list[Trial]:
        """Send a datagram with each target's own address to this machine, as `datagrams` does."""
        sources = {target: str(network_of(target)[0]) for target in targets}
        words = [*self._prefix(), sys.executable, "-m", "ashiato.outside.controls.datagrams"]
        given = json.dumps(sorted(set(sources.values())))
        heard = set(json.loads(run(words, seconds=self.seconds + len(targets) / 1000, given=given)))
        return [_trial(source, heard) for source in sources.values()]

    def shifted(self, state: State, seconds: int) -> State:
        """Until then by the clock as it is now; the kernel's own time-outs follow no wall clock."""
        until = state["until"]
        return {**state, "until": until + seconds} if isinstance(until, int) else state

    def is_same(self, one: State, other: State) -> bool:
        """Dropped or not; until when differs by what clocks do."""
        return one["denied"] == other["denied"]

    def _prefix(self) -> list[str]:
        return [find_program("ip", "iproute2"), "netns", "exec", self.netns] if self.netns else []

    def _transact(self, lines: Sequence[str]) -> None:
        self._nft("-f", "-", given="\n".join(lines) + "\n")

    def _nft(self, *words: str, given: str = "") -> str:
        return run(
            [*self._prefix(), find_program("nft", "nftables"), *words], seconds=self.seconds, given=given
        )

    def _has_table(self) -> bool:
        tables = json.loads(self._nft("-j", "list", "tables"))["nftables"]
        return any(
            (each["table"]["family"], each["table"]["name"]) == tuple(_TABLE.split())
            for each in tables
            if "table" in each
        )

    def _elements(self) -> dict[str, State]:
        """Return what stands in our sets, by the words that name it to nft."""
        if not self._has_table():
            return {}
        now = time.time()
        return {
            f"{name} {{ {value} }}": {"denied": True, "until": int(now + left)}
            for name, value, left in _read(self._nft("-j", "list", "table", *_TABLE.split()))
        }


def _read(told: str) -> Iterator[tuple[str, str, int]]:
    """Yield each element of the listed sets: its set, itself, and the seconds it has left."""
    for part in json.loads(told)["nftables"]:
        for each in part.get("set", {}).get("elem", ()):
            value = each["elem"]["val"]
            name = f"{value['prefix']['addr']}/{value['prefix']['len']}" if isinstance(value, dict) else value
            yield part["set"]["name"], name, each["elem"]["expires"]


def _element(target: Target) -> str:
    network = network_of(target)
    if network.prefixlen == network.max_prefixlen:
        return f"addresses{network.version} {{ {network.network_address} }}"
    return f"networks{network.version} {{ {network} }}"


def _lines_of(states: Sequence[tuple[Target, State]], held: Mapping[str, State], at: datetime) -> list[str]:
    """Return what takes the old elements out and puts the new ones in."""
    elements = {_element(target): state for target, state in states}
    gone = [f"delete element {_TABLE} {element}" for element in elements if element in held]
    return gone + [
        f"add element {_TABLE} {element[:-2]} timeout {left}s }}"
        for element, state in elements.items()
        if (left := _left(state, at)) > 0
    ]


def _left(state: State, at: datetime) -> int:
    """Return for how many seconds from now a target is dropped."""
    until = state["until"]
    return until - int(at.timestamp()) if state["denied"] and isinstance(until, int) else 0


def _table() -> list[str]:
    sets = [
        f"add set {_TABLE} {name} {{ type {kind}; flags {flags}; }}" for name, (kind, flags) in _SETS.items()
    ]
    rules = [
        f"add rule {_TABLE} incoming {'ip' if name.endswith('4') else 'ip6'} saddr @{name} drop"
        for name in _SETS
    ]
    chain = f"add chain {_TABLE} incoming {{ type filter hook prerouting priority raw; policy accept; }}"
    return [f"add table {_TABLE}", *sets, chain, f"flush chain {_TABLE} incoming", *rules]


def _refuse_overlaps(targets: Sequence[Target], held: Mapping[str, State]) -> None:
    """The kernel takes no network within another; say so by name, as one such refuses a whole transaction."""
    networks = {network_of(target) for target in targets}
    networks |= {ip_network(element.split()[2]) for element in held}
    wide = sorted(
        (each for each in networks if each.prefixlen < each.max_prefixlen),
        key=lambda each: (each.version, each.network_address.packed, each.prefixlen),
    )
    for one, other in pairwise(wide):
        if one.version == other.version and one.overlaps(other):
            raise ControlError(f"{other} lies within {one}", fix="deny the wider one alone, or undo it first")


def _trial(source: str, heard: set[str]) -> Trial:
    own = "127.0.0.1" if ip_address(source).version == 4 else "::1"
    if own not in heard:
        return Trial(None, f"not even a datagram of {own} was heard: this machine cannot be tried")
    is_blocked = source not in heard
    return Trial(is_blocked, f"its datagram was {'dropped' if is_blocked else 'heard'}, one of {own} heard")
