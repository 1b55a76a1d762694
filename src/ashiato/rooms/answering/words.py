"""The fixed words of the desk: ways to turn to us, queues, where a contact stands."""

from __future__ import annotations

from enum import StrEnum


class Way(StrEnum):
    """By what somebody turned to us."""

    PHONE = "phone"
    WEB = "web"
    MAIL = "mail"
    LETTER = "letter"


class Queue(StrEnum):
    """Who takes it: whoever answers the telephone, whoever writes, or a lead."""

    CALLS = "calls"
    WRITING = "writing"
    LEAD = "lead"


class Stand(StrEnum):
    """Where a contact stands: ``waiting`` is for a call-back."""

    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


class Purpose(StrEnum):
    """Why we call back: to answer, at the number the caller gave; or to verify, at the number on file."""

    ANSWER = "answer"
    VERIFY = "verify"


class Outcome(StrEnum):
    """How a call-back ended; ``open`` until it did."""

    OPEN = "open"
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    NOT_THEM = "not_them"


class Suspicion(StrEnum):
    """What makes a contact look like somebody who is after another person's data."""

    MANY_CLAIMS = "many_claims"
    MANY_WRONG = "many_wrong"
    FOR_ANOTHER = "for_another"
    BY_HAND = "by_hand"


class AlertKind(StrEnum):
    """What a lead is told, in batches."""

    LATE = "late"
    CALL_BACKS = "call_backs"
    SUSPICION = "suspicion"
    GUESSING = "guessing"
    AGENTS = "agents"
    PERSONS = "persons"


#: Business minutes until a contact of a queue should be closed, and a call-back be made.
TARGETS = {Queue.CALLS: 30, Queue.WRITING: 960, Queue.LEAD: 240}
CALL_BACK_MINUTES = 120
#: Of a hundred parts of the target, at which leads are told.
GRADES = (50, 75, 90, 100)
