"""What a plan is made from: one person as the run and the operator's tables tell of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ashiato.rooms.cases.api import name_by

#: Why somebody of a campaign is not told by it.
CLEARED = "cleared"


@dataclass(frozen=True)
class PersonFound:
    """One person to be told, or excluded with a reason code; ``harms`` decide what they are advised.

    ``fields`` is what they are told (each own field with its grade); ``contact`` is name and addresses.
    ``channels`` are those by which they can be reached, best first; none: a publication stands in.
    """

    person_id: str
    grade: int
    fields: tuple[Mapping[str, Any], ...] = ()
    contact: Mapping[str, Any] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    persona: str = ""
    sensitivity: int = 0
    region: str = ""
    client: str = ""
    language: str = "ja"
    excluded: str = ""
    harms: tuple[str, ...] = ()

    def told(self) -> bytes:
        """What is kept locked: contact and fields, in one writing."""
        return _written({"contact": self.contact, "fields": list(self.fields), "harms": list(self.harms)})

    def answer(self, key: bytes) -> str:
        """Name what they are told; a new address alone is no new answer."""
        return name_by(key, "answer", self.persona, _written(list(self.fields)).decode())


def _written(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
