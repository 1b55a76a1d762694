"""E-mail as the operator set it up: the server mail is handed to, how it is signed, the log that is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ashiato.outside.messages.email.dkim import read_key
from ashiato.outside.messages.email.envelope import Envelope
from ashiato.outside.messages.email.mail_log import MailLog, read_queue
from ashiato.outside.messages.email.mime import MailWriter
from ashiato.outside.messages.email.pool import SmtpPool
from ashiato.outside.messages.email.server import Server
from ashiato.outside.messages.outcomes import Still
from ashiato.outside.messages.secrets import read_secret
from ashiato.rooms.notifying.composing import Composer, digest_of_mail
from ashiato.rooms.notifying.handing import Handed
from ashiato.rooms.notifying.models import Notice
from ashiato.terms.errors import ServerError


class MailHand:
    """Composes mails and hands them to the operator's mail server."""

    def __init__(self, composer: Composer, pool: SmtpPool) -> None:
        """``pool`` keeps the connections."""
        self._composer, self._pool = composer, pool

    def __call__(self, notice: Notice, at: datetime, still: Still) -> Handed:
        """Offer one notice."""
        mail = self._composer.mail(notice, at)
        return Handed(self._pool.send(mail, still), digest_of_mail(mail))


def open_pool(said: Mapping[str, Any], home: Path) -> SmtpPool:
    """Make the pool that the ``mail`` section describes; ServerError where there is none."""
    if not said:
        raise ServerError(
            "no mail server is named", fix="write `mail:` into server.yaml; docs/guides/notices.md"
        )
    secret = read_secret(home / said["password_file"]) if "password_file" in said else None
    server = Server(
        host=said["host"],
        port=said.get("port", 587),
        security=said.get("security", "starttls"),
        user=said.get("user", ""),
        password=secret,
        ca_file=str(home / said["ca_file"]) if "ca_file" in said else "",
        timeout=said.get("timeout", 60),
        dot_timeout=said.get("dot_timeout", 600),
    )
    keys = [
        read_key(each["domain"], each["selector"], home / each["key_file"]) for each in said.get("dkim", ())
    ]
    return SmtpPool(server, MailWriter(envelope_of(said), keys))


def envelope_of(said: Mapping[str, Any]) -> Envelope:
    """Return where bounces go."""
    return Envelope(said["bounce_domain"])


def find_mail_log(said: Mapping[str, Any], home: Path) -> MailLog | None:
    """Return the log to be asked for mails in doubt, or None where none is named."""
    if "log" not in said:
        return None
    paths = tuple(home / each for each in said["log"])
    settled = timedelta(minutes=said.get("log_settled_minutes", 60))
    return MailLog(paths, envelope_of(said), read_queue if said.get("queue") else None, settled)
