"""What became of one message that was offered to the outside."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from ashiato.terms.errors import AshiatoError

#: Whose matter a refusal is: this recipient's address, this message's content, or everybody's (a sign-in
#: refused, a connection lost): the last says nothing of the person, and never makes a notice bounce.
About = Literal["recipient", "message", "service"]

_SHOWN = 300
_ADDRESS = re.compile(r"[^\s<>@,;:\"']+@[^\s<>@,;:\"']+")


@dataclass(frozen=True, slots=True)
class Accepted:
    """The other side took it over; ``reference`` is its own word for the message, where it gave one."""

    reference: str


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """Proof that it was not taken: refused, or never offered whole. ``permanent``: no use to try again.

    ``wait_s``: for how many seconds the other side asks to be left alone.
    """

    cause: str
    permanent: bool
    about: About = "service"
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Offered whole, no answer: only asking tells."""

    cause: str


Outcome = Accepted | NotAccepted | InDoubt

#: Asked at the last moment before a message could be taken: whether it is still to go. A worker whose claim
#: has grown old meanwhile (its machine was put to sleep) says no, and nothing is taken.
Still = Callable[[], bool]


def always() -> bool:
    """Say that a message is still to go, whenever asked."""
    return True


#: What became of a message that was no longer to go.
TOO_LATE = NotAccepted("it was no longer to go when its turn came", permanent=False)

_Message_contra = TypeVar("_Message_contra", contravariant=True)


class Sender(Protocol[_Message_contra]):
    """Hands one message to the outside, once."""

    def send(self, message: _Message_contra, still: Still = always) -> Outcome:
        """Offer the message once and say exactly what became of it; the other side's faults never raise."""
        ...


class Lookup(Protocol):
    """Asks the outside what became of a message that was offered under our reference."""

    def find(self, reference: str) -> Accepted | NotAccepted | None:
        """Return what the other side knows; None where it cannot tell."""
        ...


class MessageError(AshiatoError):
    """A message or a setting of a channel that we refuse before anything leaves the house."""

    exit_code = 10
    about: About = "message"


class SettingError(MessageError):
    """A setting that would spoil every message: nobody's notice fails by it, all of them wait."""

    about: About = "service"


class AddressError(MessageError):
    """An address or a number to which nothing can be sent."""

    about: About = "recipient"


def shown(answer: str | bytes, limit: int = _SHOWN) -> str:
    """Return the other side's words fit to keep: one line, printable, cut; they are hostile like any log."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    line = "".join(sign if sign.isprintable() else " " for sign in text[: limit * 4])
    return " ".join(line.split())[:limit]


def shown_cause(answer: str | bytes) -> str:
    """Return a refusal's words fit to keep, every address in them taken out: they are somebody's."""
    return _ADDRESS.sub("(address)", shown(answer, 4 * _SHOWN))[:_SHOWN]
