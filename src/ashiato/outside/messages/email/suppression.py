"""What follows from a report: where the notice stands, and whether its address is still written to.

An address is left alone after a cause of its own (nobody there, no such domain, closed) and a complaint,
never after a cause that passes or is ours. It is an address that is left alone, never a person: a notice
that the law asks for goes on by the next channel. A complaint is proof that the mail arrived.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ashiato.outside.messages.email.causes import OF_THE_ADDRESS, Cause
from ashiato.outside.messages.email.reports import Report
from ashiato.outside.messages.outcomes import NotAccepted


@dataclass(frozen=True, slots=True)
class Consequence:
    """``state`` None: the notice stays where it is. ``is_ours``: the sending side has to be looked after."""

    state: Literal["bounced", "delivered"] | None = None
    suppresses: bool = False
    is_ours: bool = False
    #: Somebody has to read what came in.
    for_the_desk: bool = False


def consequence_of(report: Report) -> Consequence:
    """Return what follows from a message that came in."""
    if report.kind == "failed":
        return Consequence(
            "bounced", suppresses=report.cause in OF_THE_ADDRESS, is_ours=report.cause is Cause.REFUSED
        )
    if report.kind in {"delivered", "answer"}:
        return Consequence("delivered" if report.kind == "delivered" else None)
    if report.kind == "complaint":
        return Consequence("delivered", suppresses=True, is_ours=True)
    return Consequence(for_the_desk=report.kind == "letter", is_ours=report.kind == "loop")


def suppresses(refused: NotAccepted, cause: Cause) -> bool:
    """Whether a refusal at the door has the address left alone from now on."""
    return refused.permanent and refused.about == "recipient" and cause in OF_THE_ADDRESS
