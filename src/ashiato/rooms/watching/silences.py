"""The dead man's switch: a guard that no longer shows itself is an alarm.

How long it stood still is told by a clock that nobody can set, from when this worker first saw it so: a clock
that jumps raises nothing, and a worker that was just started waits a whole term. That a source fell silent is
told by its guard, which reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ashiato.rooms.living import Clock
from ashiato.rooms.watching.models import Guard
from ashiato.rooms.watching.policy import Policy
from ashiato.rooms.watching.services.raising import raise_alarms
from ashiato.terms.alarms import Alarm, AlarmCode
from ashiato.terms.times import us_of


@dataclass
class Silences:
    """Which guards stood still, and since when by the worker's own clock."""

    policy: Policy
    clock: Clock
    is_guarded: bool = True
    _still: dict[str, tuple[int, float]] = field(default_factory=dict)
    _raised: set[str] = field(default_factory=set)

    def take_round(self) -> int:
        """Raise an alarm for each guard that stood still for too long; returns how many are new."""
        now, most = self.clock.now(), self.policy.guard_silent.total_seconds()
        guards = Guard.objects.filter(is_stopped=False).order_by("name")
        alarms = [_silence(each, now) for each in guards if self._stood(each) > most]
        self.is_guarded = not alarms
        new = [each for each in alarms if each.key not in self._raised]
        count = raise_alarms(new, now) if new else 0
        # What lasts is not written again each round; after a restart the key says that it is known.
        self._raised = {each.key for each in alarms}
        return count

    def _stood(self, guard: Guard) -> float:
        """Return for how many seconds a guard stood still."""
        now = self.clock.steady()
        beats, since = self._still.setdefault(guard.name, (guard.beats, now))
        if beats != guard.beats:
            self._still[guard.name] = (guard.beats, now)
            return 0.0
        return now - since


def _silence(guard: Guard, now: datetime) -> Alarm:
    key, since_us = f"guard-silent:{guard.name}:{guard.beats}", us_of(guard.beat_at)
    code = AlarmCode.GUARD_SILENT
    return Alarm(key, code, guard.name, since_us, since_us, us_of(now), (), 0, None, 0, ())
