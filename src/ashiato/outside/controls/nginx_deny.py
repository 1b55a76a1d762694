"""Addresses and networks that nginx answers with a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from ashiato.outside.controls.control import State, Trial, Verb
from ashiato.outside.controls.nginx import NginxMap
from ashiato.outside.controls.targets import Target, TargetKind, network_of

_FILE = """# Written by ashiato; docs/guides/containment.md
geo $ashiato_denied {{
    default 0;
{entries}}}
map "" $ashiato_denied_generation {{
    default {generation};
}}
"""


class NginxDeny(NginxMap):
    """A geo map: ``if ($ashiato_denied) { return 403; }`` refuses who stands in it."""

    verb: ClassVar = Verb.INBOUND_TRAFFIC_FILTERING
    takes: ClassVar = frozenset({TargetKind.ADDRESS, TargetKind.NETWORK})

    def wanted(self, target: Target, before: State, until: datetime) -> State:
        """In the map; nginx knows no time-out, so that whoever applied it takes it back."""
        del target, before, until
        return {"stopped": True}

    def entry(self, target: Target) -> str:
        """A network with its width, as geo reads it."""
        return f"{network_of(target)} 1;"

    def render(self, entries: Sequence[str], generation: str) -> str:
        """Return the map, and what tells that it runs."""
        return _FILE.format(entries="".join(f"\t{entry}\n" for entry in entries), generation=generation)

    def attempt(self, targets: Sequence[Target]) -> list[Trial]:
        """Ask as each target, by the header that nginx believes from this machine alone, and as ourselves."""
        own, _ = self.nginx.ask("/.ashiato")
        return [self._trial(str(network_of(target)[0]), own) for target in targets]

    def _trial(self, sender: str, own: int) -> Trial:
        status, _ = self.nginx.ask("/.ashiato", sender)
        told = f"nginx answers {status} to {sender}, {own} to this machine"
        return Trial(status == 403 if own == 200 else None, told)
