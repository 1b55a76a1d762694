"""What every control has: a verb, the targets it takes, and the state that its real part holds of each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from ashiato.outside.controls.targets import Target, TargetKind

#: What a real part holds of one target, as JSON holds it too.
State = dict[str, str | int | bool | None]


class Verb(StrEnum):
    """Defensive techniques by their identifiers in MITRE D3FEND."""

    INBOUND_TRAFFIC_FILTERING = "D3-ITF"
    NETWORK_TRAFFIC_FILTERING = "D3-NTF"
    SESSION_TERMINATION = "D3-ST"
    ACCOUNT_LOCKING = "D3-AL"


@dataclass(frozen=True, slots=True)
class Change:
    """The state of one target before and after, until the moment at which it is to be taken back."""

    target: Target
    before: State
    after: State
    until: datetime


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a try from a target's own side; None where the try could prove nothing, and why."""

    is_blocked: bool | None
    told: str


class Control(ABC):
    """One way to stop targets in one real part; a fault of that part is a ControlError, never a guess."""

    verb: ClassVar[Verb]
    takes: ClassVar[frozenset[TargetKind]]

    @abstractmethod
    def observe(self, targets: Sequence[Target]) -> list[State]:
        """Read back from the real part what it holds of each target now."""

    @abstractmethod
    def wanted(self, target: Target, before: State, until: datetime) -> State:
        """Say what is to be held of a target so that it is stopped; reads and changes nothing."""

    @abstractmethod
    def put(self, states: Sequence[tuple[Target, State]], at: datetime) -> None:
        """Bring targets to states, all or none where the part can; the same again changes nothing."""

    @abstractmethod
    def attempt(self, targets: Sequence[Target]) -> list[Trial]:
        """Try from each target's own side, against the real part, whether it is stopped."""

    def shifted(self, state: State, seconds: int) -> State:
        """Return a state as the wall clock tells it that was set by so many seconds; most tell no time."""
        del seconds
        return state

    def is_same(self, one: State, other: State) -> bool:
        """Tell whether what was observed is a state, to whoever is stopped by it.

        A session or role that the part no longer knows lets nobody in and cannot be given back: it is any.
        """
        return one == other or not one.get("is_known", True)
