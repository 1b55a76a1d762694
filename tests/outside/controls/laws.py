"""What holds of every control: open, stopped, seen from the other side, given back, and as it was before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from ashiato.outside.controls import deeds
from ashiato.outside.controls.control import Control
from ashiato.outside.controls.deeds import Standing
from ashiato.outside.controls.targets import Target


def now() -> datetime:
    """The moment of the machine's clock, as time-outs of real parts run by it."""
    return datetime.now(UTC)  # noqa: TID251 - kernels have no clock that is passed in


def hold_for(control: Control, targets: Sequence[Target], gets_in: Callable[[], bool]) -> None:
    """Do all five deeds, each twice where twice is once; ``gets_in`` tries by a way of the test's own."""
    until = now() + timedelta(hours=1)
    changes = deeds.dry_run(control, targets, until)
    assert gets_in()
    assert {each.standing for each in deeds.observe(control, changes)} == {Standing.OPEN}
    assert [each.is_blocked for each in deeds.verify(control, changes)] == [False] * len(targets)
    assert control.observe(targets) == [each.before for each in changes]
    for _ in range(2):
        assert {each.standing for each in deeds.apply(control, changes, now())} == {Standing.HELD}
        assert not gets_in()
    assert [each.is_blocked for each in deeds.verify(control, changes)] == [True] * len(targets)
    for _ in range(2):
        assert {each.standing for each in deeds.undo(control, changes, now())} == {Standing.OPEN}
        assert gets_in()
    assert control.observe(targets) == [each.before for each in changes]
    assert [each.is_blocked for each in deeds.verify(control, changes)] == [False] * len(targets)
