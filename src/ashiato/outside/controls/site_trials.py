"""A site asked as one of its sessions: whether it still lets it in."""

from __future__ import annotations

import http.client
import re
import secrets
import ssl
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from ashiato.outside.controls.control import Trial
from ashiato.outside.controls.targets import ControlError, Target
from ashiato.outside.messages.nearness import is_this_machine

#: What a cookie's value may hold without quoting (RFC 6265), so that a session's name adds no other cookie.
_PLAIN = re.compile(r"[!#-+\--:<-\[\]-~]+")
#: Answers to somebody who is not signed in: refused, or sent to sign in.
_OUT = {301, 302, 303, 307, 308, 401, 403}


@dataclass(frozen=True)
class SiteTrial:
    """A page for those signed in alone, and the cookie by which the site knows a session."""

    url: str
    cookie: str
    seconds: float = 10.0

    def __post_init__(self) -> None:
        """Refuse to send a session in clear text over a network."""
        parts = urlsplit(self.url)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_this_machine(parts.hostname or "")):
            raise ControlError(
                "a session is tried over https", fix="write https://host/page, or this machine"
            )

    def ask_as(self, session: str) -> Trial:
        """Ask as a session, and as one that nobody has: only where that one is out does it prove anything."""
        if not _PLAIN.fullmatch(session):
            return Trial(None, "its name cannot stand in a cookie: the site was not asked")
        try:
            status, nobody = self._status(session), self._status(secrets.token_urlsafe(24))
        except (OSError, http.client.HTTPException) as error:
            return Trial(None, f"the site does not answer: {error}")
        told = f"the site answers {status} to it, {nobody} to a session that nobody has"
        if nobody not in _OUT or (status not in _OUT and status != 200):
            return Trial(None, told)
        return Trial(status in _OUT, told)

    def _status(self, session: str) -> int:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port
        asked = (
            http.client.HTTPConnection(host, port, timeout=self.seconds)
            if parts.scheme == "http"
            else http.client.HTTPSConnection(
                host, port, timeout=self.seconds, context=ssl.create_default_context()
            )
        )
        with closing(asked):
            asked.request("GET", parts.path or "/", headers={"Cookie": f"{self.cookie}={session}"})
            return asked.getresponse().status


def tried(trial: SiteTrial | None, targets: Sequence[Target]) -> list[Trial]:
    """Ask a site as each of the sessions; without a way to ask, nothing is proven."""
    if trial is None:
        return [Trial(None, "no `trial` is declared: the site was not asked") for _ in targets]
    return [trial.ask_as(target.value) for target in targets]
