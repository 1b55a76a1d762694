"""A wall clock that somebody set: plans end after the time that was promised, whatever it shows.

How far it was set is told by the clock that nobody can set. A plan that a jump forward ended would let the
intruder go on; one that a jump back prolonged would keep somebody honest out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from ashiato.rooms.accounts.api import get_program
from ashiato.rooms.containing.means import Means
from ashiato.rooms.containing.models import IN_FORCE, LIVE, Plan
from ashiato.rooms.containing.rows import record, write_steps

#: What a clock is set by from time to time to stay right is less than this.
_LEAST = timedelta(seconds=30)


@dataclass
class WallClock:
    """Looks at the machine's clocks each round, and moves the ends of its plans where the one was set."""

    means: Means
    _wall: datetime = field(init=False)
    _steady: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin to look."""
        self._wall, self._steady = self.means.clock.now(), self.means.clock.steady()

    def take_round(self) -> int:
        """Move the ends of plans by as much as the clock was set since the last round; returns how many."""
        now, steady = self.means.clock.now(), self.means.clock.steady()
        passed = timedelta(seconds=steady - self._steady)
        by = now - self._wall - passed
        moved = _move_ends(self.means, by, now - passed, now) if abs(by) >= _LEAST else 0
        self._wall, self._steady = now, steady
        return moved


def _move_ends(means: Means, by: timedelta, since: datetime, now: datetime) -> int:
    """Move them with the clock; a plan that was made by the new time already is right as it is."""
    seconds = round(by.total_seconds())
    with means.one_at_a_time(), transaction.atomic():
        old = Plan.objects.filter(stand__in=IN_FORCE, machine=means.machine)
        plans = list(old.exclude(proposed_at__range=(since, now)).order_by("pk"))
        for plan in plans:
            plan.until += timedelta(seconds=seconds)
            plan.save(update_fields=["until"])
            _move_steps(means, plan, seconds)
            record(plan, get_program(), "end moved", now, why=f"the clock was set by {seconds} s")
    return len(plans)


def _move_steps(means: Means, plan: Plan, seconds: int) -> None:
    held = plan.steps.filter(stand__in=LIVE, control__in=means.controls)
    write_steps(
        (
            step,
            {
                name: means.controls[step.control].control.shifted(state, seconds)
                for name, state in (("before", step.before), ("after", step.after))
                if state is not None
            },
        )
        for step in held
    )
