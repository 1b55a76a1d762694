"""What a guard saw that staff must know, and whose doing it was; in words that every floor shares."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """By what somebody who asks is known, and so what a control can be laid on."""

    ADDRESS = "address"
    NETWORK = "network"
    SESSION = "session"
    ACCOUNT = "account"
    DATABASE_ROLE = "database-role"
    API_KEY = "api-key"


_SECRET = frozenset({ActorKind.SESSION.value, ActorKind.API_KEY.value})
_TOLD_OF_A_SECRET = 6


class AlarmCode(StrEnum):
    """Why an alarm was raised."""

    PEOPLE_BUDGET = "people-budget"
    CANARY = "canary"
    FINDING = "finding"
    SOURCE_SILENT = "source-silent"
    GUARD_SILENT = "guard-silent"
    CONTAINMENT_STUCK = "containment-stuck"


@dataclass(frozen=True, slots=True, order=True)
class Actor:
    """Somebody as one system of the data map names them: an address, a session's id, an account."""

    system: str
    kind: ActorKind
    value: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that a guard saw and staff must be told of.

    ``key`` is the same whenever the same lines are read again, so that a guard which was killed and
    reads them twice tells of them once. ``rule`` names the budget, behaviour or Sigma rule. Times are
    microseconds since 1970-01-01 UTC: of the first and last event behind it, and of the decision.
    ``people`` counts distinct people, at least, within ``window_s`` seconds; ``people_expected`` is the
    number that was still within bounds (None where the alarm is not about a number). ``lines`` are
    ``file:line``, the first of them at most.
    """

    key: str
    code: AlarmCode
    rule: str
    first_us: int
    last_us: int
    decided_us: int
    actors: tuple[Actor, ...]
    people: int
    people_expected: int | None
    window_s: int
    lines: tuple[str, ...]


def told_apart(kind: str, value: str) -> str:
    """Return an actor's name as screens show it: of what opens a door by itself, six signs."""
    return f"{value[:_TOLD_OF_A_SECRET]}.." if kind in _SECRET else value
