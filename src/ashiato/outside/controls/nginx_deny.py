"""Addresses and networks that nginx answers with a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ashiato.outside.controls.control import Trial, Verb
from ashiato.outside.controls.nginx import NginxMap
from ashiato.outside.controls.targets import Target, TargetKind, network_of


class NginxDeny(NginxMap):
    """A geo map: ``if ($ashiato_denied) { return 403; }`` refuses who stands in it."""

    verb: ClassVar = Verb.INBOUND_TRAFFIC_FILTERING
    takes: ClassVar = frozenset({TargetKind.ADDRESS, TargetKind.NETWORK})
    word: ClassVar = "denied"

    def entry(self, target: Target) -> str:
        """A network with its width, as geo reads it."""
        return f"{network_of(target)} 1;"

    def body(self, lines: str) -> str:
        """Return the map of the refused."""
        return f"geo $ashiato_denied {{\n    default 0;\n{lines}}}\n"

    def attempt(self, targets: Sequence[Target]) -> list[Trial]:
        """Ask as each target, by the header that nginx believes from this machine alone, and as ourselves."""
        own, _ = self.nginx.ask("/.ashiato")
        return [self._trial(str(network_of(target)[0]), own) for target in targets]

    def _trial(self, sender: str, own: int) -> Trial:
        status, _ = self.nginx.ask("/.ashiato", sender)
        told = f"nginx answers {status} to it, {own} to this machine"
        return Trial(status == 403 if own == 200 else None, told)
