"""Routes that nginx answers with the site's page of maintenance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ashiato.outside.controls.control import Trial, Verb
from ashiato.outside.controls.nginx import NginxMap
from ashiato.outside.controls.targets import Target, TargetKind


class NginxClosed(NginxMap):
    """A map of paths: ``if ($ashiato_closed) { return 503; }`` closes a route and all that is below it."""

    verb: ClassVar = Verb.INBOUND_TRAFFIC_FILTERING
    takes: ClassVar = frozenset({TargetKind.ROUTE})
    word: ClassVar = "closed"

    def entry(self, target: Target) -> str:
        """A pattern for the path itself and what is below; of its characters a dot alone means more."""
        path = target.value.rstrip("/").replace(".", "[.]")
        return f'"~^{path}(?:/|$)" 1;'

    def body(self, lines: str) -> str:
        """Return the map of the closed routes, by the decoded path that nginx serves by."""
        return f"map $uri $ashiato_closed {{\n    default 0;\n{lines}}}\n"

    def attempt(self, targets: Sequence[Target]) -> list[Trial]:
        """Ask for each route, and for what is never closed."""
        own, _ = self.nginx.ask("/.ashiato")
        return [self._trial(target.value, own) for target in targets]

    def _trial(self, route: str, own: int) -> Trial:
        status, _ = self.nginx.ask(route)
        return Trial(
            status == 503 if own == 200 else None, f"nginx answers {status} at {route}, {own} beside it"
        )
