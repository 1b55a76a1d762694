"""What a plan is made from: one person as the run and the operator's tables tell of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ashiato.rooms.cases.api import name_by
from ashiato.rooms.notifying.states import Channel

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


@dataclass(frozen=True)
class Wish:
    """What a person says of how to be told. ``contact``: the parts that are otherwise; empty: as it was.

    ``channel`` is the one they want first. ``style``: how their letters are set (``styling.STYLES``).
    """

    contact: Mapping[str, Any] = field(default_factory=dict)
    language: str = ""
    channel: str = ""
    style: str = ""

    def after(self, earlier: Wish) -> Wish:
        """Return this wish over an earlier one."""
        return Wish(
            {**earlier.contact, **self.contact},
            self.language or earlier.language,
            self.channel or earlier.channel,
            self.style or earlier.style,
        )

    def written(self) -> bytes:
        """What is kept locked."""
        return _written(vars(self))

    def granted(self, found: PersonFound) -> PersonFound:
        """Return what a run found, told as the person wishes."""
        ways = [self.channel, *found.channels, *(way for way, part in _NEEDS if self.contact.get(part))]
        return replace(
            found,
            contact={**found.contact, **self.contact},
            language=self.language or found.language,
            channels=tuple(dict.fromkeys(filter(None, ways))),
        )


NO_WISH = Wish()
#: What makes a channel usable once a person names it.
_NEEDS = ((Channel.LETTER, "lines"), (Channel.EMAIL, "email"))


def _written(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
