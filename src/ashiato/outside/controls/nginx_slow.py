"""Addresses and networks that nginx answers no faster than a rate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from ashiato.outside.controls.control import Trial, Verb
from ashiato.outside.controls.nginx import Nginx, NginxMap
from ashiato.outside.controls.targets import Target, TargetKind, network_of

_BODY = """geo $ashiato_is_slowed {{
    default 0;
{lines}}}
map $ashiato_is_slowed $ashiato_slowed {{
    0 "";
    1 $binary_remote_addr;
}}
limit_req_zone $ashiato_slowed zone=ashiato_slowed:10m rate={a_minute}r/m;
"""
#: More than the guide's burst lets through at once.
_REQUESTS = 12


class NginxSlow(NginxMap):
    """A zone of ``limit_req`` whose key is empty, and so counts nothing, for all but those in the map."""

    verb: ClassVar = Verb.NETWORK_TRAFFIC_FILTERING
    takes: ClassVar = frozenset({TargetKind.ADDRESS, TargetKind.NETWORK})
    word: ClassVar = "slowed"

    def __init__(self, nginx: Nginx, file: Path, a_minute: int) -> None:
        """At most so many requests a minute from each address in the map."""
        super().__init__(nginx, file)
        self._a_minute = a_minute

    def entry(self, target: Target) -> str:
        """A network with its width, as geo reads it."""
        return f"{network_of(target)} 1;"

    def body(self, lines: str) -> str:
        """Return the map of the slowed, and their zone."""
        return _BODY.format(lines=lines, a_minute=self._a_minute)

    def attempt(self, targets: Sequence[Target]) -> list[Trial]:
        """Ask more often than the rate lets through, as each target and as ourselves."""
        own = self._refused("")
        return [self._trial(str(network_of(target)[0]), own) for target in targets]

    def _trial(self, sender: str, own: int) -> Trial:
        refused = self._refused(sender)
        told = f"of {_REQUESTS} requests nginx put off {refused} of its own, {own} of this machine"
        return Trial(None if own else refused > 0, told)

    def _refused(self, sender: str) -> int:
        statuses = [self.nginx.ask("/.ashiato-slow", sender)[0] for _ in range(_REQUESTS)]
        return statuses.count(429)
