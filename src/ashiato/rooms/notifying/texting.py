"""Short messages as the operator set them up: the gateway they are handed to, which is also the one asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ashiato.outside.messages.outcomes import Still
from ashiato.outside.messages.secrets import read_secret
from ashiato.outside.messages.sms.gateway import Gateway, GatewaySender
from ashiato.rooms.notifying.composing import Composer
from ashiato.rooms.notifying.handing import Handed
from ashiato.rooms.notifying.models import Notice
from ashiato.terms.ids import sha256_text


class TextHand:
    """Composes short messages and hands them to the operator's gateway."""

    def __init__(self, composer: Composer, sender: GatewaySender) -> None:
        """``sender`` keeps the connections."""
        self._composer, self._sender = composer, sender

    def __call__(self, notice: Notice, at: datetime, still: Still) -> Handed:
        """Offer one notice."""
        sms = self._composer.sms(notice, at)
        return Handed(self._sender.send(sms, still), sha256_text(sms.text))


def open_gateway(said: Mapping[str, Any], home: Path) -> GatewaySender:
    """Make the sender that the ``sms`` section describes."""
    return GatewaySender(
        Gateway(
            base=said["base"],
            token=read_secret(home / said["token_file"]),
            sender=said["sender"],
            timeout=said.get("timeout", 30),
            ca_file=str(home / said["ca_file"]) if "ca_file" in said else "",
        )
    )
