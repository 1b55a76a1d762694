"""The ways of the operator's file, opened: mail servers, and services by the address in their file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashiato.outside.messages.alarms.alarm_text import AlarmText
from ashiato.outside.messages.alarms.mail import MailWay
from ashiato.outside.messages.alarms.service import ServiceWay
from ashiato.outside.messages.email.server import Server
from ashiato.outside.messages.outcomes import Accepted, InDoubt, MessageError, Sender, Still
from ashiato.outside.messages.secrets import read_secret
from ashiato.rooms.watching.policy import Way
from ashiato.rooms.watching.terms import Outcome
from ashiato.terms.errors import ServerError

#: Seconds a mail server may take for an answer, and for the one to a whole mail: alarms cannot wait longer.
_TIMEOUT, _DOT_TIMEOUT = 10.0, 60.0
_SHOWN = 300


@dataclass(frozen=True)
class Ways:
    """What the ``alarms`` section says of ways; files stand beside ``server.yaml``."""

    said: Mapping[str, Any]
    home: Path

    def offer(self, way: Way, message: AlarmText, still: Still) -> tuple[Outcome, str]:
        """Offer a message by a way; returns what that came to, and the other side's words, fit to keep."""
        try:
            found = self._open(way).send(message, still)
        except (MessageError, ServerError) as refused:
            return Outcome.FAILED, str(refused)[:_SHOWN]
        if isinstance(found, Accepted):
            return Outcome.HANDED, ""
        outcome = Outcome.DOUBT if isinstance(found, InDoubt) else Outcome.FAILED
        return outcome, found.cause[:_SHOWN]

    def _open(self, way: Way) -> Sender[AlarmText]:
        """Read a way's secrets anew each time: one that is corrected takes effect at the next try."""
        if way.file:
            return ServiceWay(read_secret(self.home / way.file))
        said = self.said.get("mail")
        if said is None:
            fix = "write `mail:` under `alarms:` into server.yaml; docs/guides/alarms.md"
            raise ServerError("no mail server is named for alarms", fix=fix)
        return MailWay(self._server(said), said["sender"], way.mail)

    def _server(self, said: Mapping[str, Any]) -> Server:
        return Server(
            host=said["host"],
            port=said.get("port", 587),
            security=said.get("security", "starttls"),
            user=said.get("user", ""),
            password=read_secret(self.home / said["password_file"]) if "password_file" in said else None,
            ca_file=str(self.home / said["ca_file"]) if "ca_file" in said else "",
            timeout=_TIMEOUT,
            dot_timeout=_DOT_TIMEOUT,
        )
