"""The envelope's sender carries the reference: a bounce names its notice whatever else it holds (VERP)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ashiato.outside.messages.outcomes import MessageError
from ashiato.outside.messages.references import REFERENCE, check_reference

_PREFIX = re.compile(r"[a-z0-9]{1,12}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Envelope:
    """The domain at which bounces are taken in, and the word its addresses begin with."""

    domain: str
    prefix: str = "bounce"

    def __post_init__(self) -> None:
        """Refuse what would be no address."""
        if not _DOMAIN.fullmatch(self.domain) or not _PREFIX.fullmatch(self.prefix):
            raise MessageError(
                "bounces need a domain and a prefix in small letters and digits",
                fix="see docs/guides/mail.md",
            )

    def address_of(self, reference: str) -> str:
        """Return the envelope sender of one notice."""
        return f"{self.prefix}-{check_reference(reference)}@{self.domain}"

    def message_id_of(self, reference: str) -> str:
        """Return the Message-ID of one notice, angle brackets included; the same at every attempt."""
        return f"<{check_reference(reference)}@{self.domain}>"

    def reference_in(self, address: str) -> str | None:
        """Return the reference an envelope sender or a Message-ID carries; None where it is not ours."""
        local, _, domain = address.strip().strip("<>").lower().rpartition("@")
        if domain != self.domain:
            return None
        found = local.removeprefix(f"{self.prefix}-")
        return found if REFERENCE.fullmatch(found) else None
