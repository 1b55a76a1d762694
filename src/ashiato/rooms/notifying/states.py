"""The states of a notice, and the moves between them that are legal; nothing else may happen to one."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where one notice stands."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    HANDED = "handed"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    RETURNED = "returned"
    PUBLISHED = "published"
    GIVEN_UP = "given_up"
    CANCELLED = "cancelled"


class Channel(StrEnum):
    """By what a person is told; ``publication`` stands in where nobody can be reached."""

    LETTER = "letter"
    EMAIL = "email"
    SMS = "sms"
    CALL = "call"
    PUBLICATION = "publication"


#: What a notice is before it is one.
NOTHING = ""

#: From -> to, each with what allows it.
MOVES: dict[tuple[str, str], str] = {
    (NOTHING, State.PLANNED): "the plan, or a channel before it that failed",
    (State.PLANNED, State.CLAIMED): "a worker takes it, of a wave that may be sent",
    (State.PLANNED, State.CANCELLED): "its person was cleared, or it was pinned",
    (State.PLANNED, State.HANDED): "a receipt proves that an earlier offer was taken after all",
    (State.PLANNED, State.PUBLISHED): "a publication stands in for it",
    (State.CLAIMED, State.HANDED): "the outside took it",
    (State.CLAIMED, State.PLANNED): "proof that the outside took nothing, for now",
    (State.CLAIMED, State.BOUNCED): "proof that the outside took nothing and never will",
    (State.CLAIMED, State.UNKNOWN): "no answer, or its worker died",
    (State.UNKNOWN, State.HANDED): "the outside says that it took it",
    (State.UNKNOWN, State.PLANNED): "the outside says that it took nothing",
    (State.UNKNOWN, State.GIVEN_UP): "somebody decided, with a reason",
    (State.HANDED, State.DELIVERED): "a receipt, or long enough without a bounce",
    (State.HANDED, State.BOUNCED): "a receipt says that it did not arrive",
    (State.HANDED, State.RETURNED): "the letter came back",
    (State.DELIVERED, State.BOUNCED): "a receipt that came late says that it did not arrive",
    (State.DELIVERED, State.RETURNED): "the letter came back late",
}

#: States in which a notice still waits for something.
OPEN = (State.PLANNED, State.CLAIMED, State.HANDED, State.UNKNOWN)
#: States after which the next channel is tried.
FAILED = (State.BOUNCED, State.RETURNED, State.GIVEN_UP)


def is_legal(old: str, new: str) -> bool:
    """Tell whether a notice may go from one state to another."""
    return (old, new) in MOVES
