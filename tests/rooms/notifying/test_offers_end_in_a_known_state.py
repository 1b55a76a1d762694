"""Whatever an offer meets, what the ledger is told of it never says more than is known."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from ashiato.outside.messages.outcomes import TOO_LATE, Accepted, Still
from ashiato.rooms.notifying.api import Handing, State
from ashiato.rooms.notifying.handing import Handed, Turn
from ashiato.rooms.notifying.models import Notice, Worker
from tests.rooms.notifying.scenes import AT

_NOTICE = Notice(pk=1, channel="email")


def test_a_fault_of_the_program_leaves_a_doubt() -> None:
    def hand(_notice: Notice, _at: datetime, _still: Still) -> Handed:
        raise ZeroDivisionError

    offered, trouble = handing(hand).offer(_NOTICE, turn())
    assert offered.new is State.UNKNOWN
    assert trouble
    assert "ZeroDivisionError" in offered.why


def test_what_is_asked_right_before_is_the_claims_age() -> None:
    ages = iter((False, True))

    def hand(_notice: Notice, _at: datetime, still: Still) -> Handed:
        assert still()
        return Handed(Accepted("taken") if still() else TOO_LATE, "digest")

    offered, _ = handing(hand).offer(_NOTICE, turn(lambda: next(ages)))
    assert offered.new is State.PLANNED


def handing(hand: Callable[[Notice, datetime, Still], Handed]) -> Handing:
    """Hands for mail."""
    return Handing({"email": hand})


def turn(is_spent: Callable[[], bool] = lambda: False) -> Turn:
    """A claim."""
    return Turn(Worker(name="worker"), lambda: AT, is_spent, ThreadPoolExecutor(1))
