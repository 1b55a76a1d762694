"""E-mail as the operator set it up: the server mail is handed to, how it is signed, the log that is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ashiato.outside.messages.email.addresses import read_address
from ashiato.outside.messages.email.dkim import read_key
from ashiato.outside.messages.email.envelope import Envelope
from ashiato.outside.messages.email.mail_log import MailLog, read_queue
from ashiato.outside.messages.email.mime import Mail, MailWriter
from ashiato.outside.messages.email.pool import SmtpPool
from ashiato.outside.messages.email.server import Server
from ashiato.outside.messages.email.throttle import Rate, Throttle, paced
from ashiato.outside.messages.outcomes import TOO_LATE, Outcome, Sender, Still
from ashiato.outside.messages.secrets import read_secret
from ashiato.rooms.living import Clock, MachineClock
from ashiato.rooms.notifying.composing import Composer, digest_of_mail
from ashiato.rooms.notifying.handing import Handed
from ashiato.rooms.notifying.models import Notice
from ashiato.terms.errors import ServerError

#: A mail waits so many seconds for its receiver's turn; longer than that it is put off, and others go.
_PATIENCE = 10.0
_LOOK_EACH = 0.5
_USUAL = "usual"
#: Where the file names no rate for everybody else.
_UNBOUNDED = Rate(1_000_000.0, 1_000_000)


class MailHand:
    """Composes mails and hands them to the operator's mail server, each receiver at its pace."""

    def __init__(
        self,
        composer: Composer,
        pool: Sender[Mail],
        throttle: Throttle | None = None,
        clock: Clock | None = None,
    ) -> None:
        """``pool`` keeps the connections; without a ``throttle`` no receiver has a pace."""
        self._composer, self._pool, self._throttle = composer, pool, throttle
        self._clock = clock or MachineClock()

    def __call__(self, notice: Notice, at: datetime, still: Still) -> Handed:
        """Offer one notice."""
        mail = self._composer.mail(notice, at)
        outcome, wait = self._offered(mail, still)
        return Handed(outcome or TOO_LATE, digest_of_mail(mail), wait)

    def _offered(self, mail: Mail, still: Still) -> tuple[Outcome | None, float]:
        """Offer a mail when its receiver's turn has come; else how long that still takes."""
        if self._throttle is None:
            return self._pool.send(mail, still), 0.0
        domain = read_address(mail.to.address).domain
        until = self._clock.steady() + _PATIENCE
        while True:
            now = self._clock.steady()
            outcome, wait = paced(self._throttle, domain, now, lambda: self._pool.send(mail, still))
            if outcome is not None or now + wait > until or not still():
                return outcome, wait
            self._clock.wait(min(wait, _LOOK_EACH))


def open_throttle(said: Mapping[str, Any], senders: int) -> Throttle | None:
    """Make what paces receivers, as ``rates`` of the ``mail`` section says, for one of ``senders``."""
    if "rates" not in said:
        return None
    rates = {
        name: Rate(each["per_second"] / senders, max(1, each.get("burst", 1) // senders))
        for name, each in said["rates"].items()
    }
    groups = {domain: name for name, each in said["rates"].items() for domain in each.get("domains", ())}
    return Throttle(rates.pop(_USUAL, _UNBOUNDED), rates, groups)


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
