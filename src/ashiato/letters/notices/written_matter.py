"""The incident and the sender, from the plain values in which they are written and handed on."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ashiato.law.api import Text
from ashiato.letters.notices.logo import Logo
from ashiato.letters.notices.logos import logo_of
from ashiato.letters.notices.matter import Address, Desk, EasyIncident, Incident, Sender, Speaker


def incident_of(matter: Mapping[str, Any]) -> Incident:
    """Return the incident as notices tell it."""
    said = matter["incident"]
    texts = {name: Text.of(said[name]) for name in ("outline", "cause", "misuse", "done")}
    return Incident(**texts, easy=EasyIncident(**said["easy"]) if "easy" in said else None)


def sender_of(matter: Mapping[str, Any]) -> Sender:
    """Return who speaks."""
    said = matter["sender"]
    desk = said["desk"]
    return Sender(
        name=Text.of(said["name"]),
        speaks=Speaker(said["speaks"]),
        other=Text.of(said["other"]) if "other" in said else None,
        address=Address(said["post_code"], tuple(said["lines"])),
        site=said["site"],
        check_page=said["check_page"],
        desk=Desk(Text.of(desk["name"]), desk["phone"], Text.of(desk["hours"])),
        colour=said.get("colour", Sender.colour),
        logo=_logo(said["logo"]) if "logo" in said else None,
    )


@lru_cache(maxsize=64)
def _logo(encoded: str) -> Logo:
    """Return a logo as the matter keeps it (Base64)."""
    return logo_of(base64.b64decode(encoded))
