"""The forms that people send: which fields each has, and what of them is refused where it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ashiato.bundle.contacts import plain_contact
from ashiato.bundle.intake import Kind
from ashiato.letters.notices.codes import is_whole, read_code
from ashiato.letters.notices.unsafe import unshowable


class As(StrEnum):
    """How a field is typed."""

    LINE = "line"
    TEXT = "text"
    CODE = "code"
    CONTACT = "contact"
    CHOICE = "choice"


@dataclass(frozen=True)
class Field:
    """One field. ``completes``: what a browser may fill in; ``hint``: the name of a text that helps."""

    name: str
    typed: As = As.LINE
    needed: bool = True
    choices: tuple[str, ...] = ()
    completes: str = "off"
    hint: str = ""

    @property
    def longest(self) -> int:
        """The most characters."""
        return 1_500 if self.typed is As.TEXT else 254

    def fault_of(self, typed: str) -> str:
        """Return what is wrong with what was typed: the name of a text, or nothing."""
        if not typed:
            return "missing" if self.needed else ""
        if len(typed) > self.longest or unshowable(typed.replace("\n", "").replace("\r", "")):
            return "unfit"
        if self.typed is As.CODE and not is_whole(read_code(typed)):
            return "no_code"
        if self.typed is As.CONTACT and not plain_contact(typed):
            return "no_contact"
        return "unfit" if self.typed is As.CHOICE and typed not in self.choices else ""


CODE = Field("code", As.CODE, hint="code")
#: Where a message was sent: who knows that has the message.
SENT_TO = Field("contact", As.CONTACT, completes="email", hint="sent_to")
_CODE_IF_ANY = replace(CODE, needed=False)
_REPLY_TO = Field("reply_to", As.CONTACT, needed=False, completes="email")
#: The pages with forms that go to the console, by page: what is sent, and its fields.
FORMS: Mapping[str, tuple[Kind, tuple[Field, ...]]] = {
    "contact-check": (Kind.CONTACT_CHECK, (replace(SENT_TO, hint=""),)),
    "correction": (
        Kind.CORRECTION,
        (_CODE_IF_ANY, Field("name", completes="name"), Field("old_contact"), Field("new_contact", As.TEXT)),
    ),
    "channel": (
        Kind.CHANNEL,
        (
            CODE,
            SENT_TO,
            Field("channel", As.CHOICE, choices=("email", "letter", "sms", "call")),
            Field("language", As.CHOICE, choices=("ja", "easy", "en", "large", "braille")),
        ),
    ),
    "question": (
        Kind.QUESTION,
        (Field("text", As.TEXT), _REPLY_TO, _CODE_IF_ANY),
    ),
    "suspicious": (
        Kind.SUSPICIOUS,
        (
            Field("came_by", As.CHOICE, choices=("call", "email", "sms", "letter", "visit")),
            Field("came_from", needed=False),
            Field("came_at", needed=False),
            Field("text", As.TEXT),
            _REPLY_TO,
        ),
    ),
    "call-back": (
        Kind.CALL_BACK,
        (
            Field("phone", As.CONTACT, completes="tel"),
            Field("when", As.CHOICE, choices=("morning", "afternoon", "evening", "any")),
            Field("about", needed=False),
            _CODE_IF_ANY,
        ),
    ),
}


def read_form(fields: tuple[Field, ...], sent: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what was typed, and the faults by field."""
    typed = {each.name: sent.get(each.name, "")[: each.longest + 1].strip() for each in fields}
    faults = {each.name: fault for each in fields if (fault := each.fault_of(typed[each.name]))}
    return typed, faults
