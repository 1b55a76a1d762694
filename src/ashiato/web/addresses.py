"""Where the console is reached: the address the operator's file names, else this machine alone."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from ashiato.outside.messages.nearness import is_this_machine
from ashiato.terms.errors import Place, ServerError
from ashiato.web.configuration import CONFIGURATION, Configuration

USUAL_PORT = 8765
_HERE = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Site:
    """The address staff type, and where the process listens.

    ``proxy``: the one machine whose word on the client's address and on https is taken.
    """

    origin: str
    hosts: tuple[str, ...]
    bind: str
    port: int
    proxy: str = ""

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by https."""
        return self.origin.startswith("https://")


def site_of(configuration: Configuration) -> Site:
    """Return where the console is reached.

    Raises: ServerError: it would listen to others than this machine and speak plain http to them.
    """
    said = configuration.said.get("web", {})
    bind, port = said.get("bind", "127.0.0.1"), said.get("port", USUAL_PORT)
    origin = str(said.get("address", f"http://localhost:{port}")).rstrip("/")
    host = urlsplit(origin).hostname or ""
    here = is_this_machine(host)
    if not origin.startswith("https://") and not (here and is_this_machine(bind)):
        raise ServerError(
            "the console would be reached from other machines without https",
            where=Place(str(configuration.home / CONFIGURATION)),
            fix="put a proxy with a certificate before it and write web.address as https://...",
        )
    return Site(origin, (host, *_HERE) if here else (host,), bind, port, said.get("proxy", ""))
