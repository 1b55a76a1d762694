"""The dead man's switch: a guard that no longer shows itself, or a source without lines, is an alarm.

How long something stood still is told by a clock that nobody can set, from when this worker first saw it so:
a clock that jumps raises nothing, and a worker that was just started waits a whole term.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ashiato.rooms.living import Clock
from ashiato.rooms.watching.models import Guard, Source
from ashiato.rooms.watching.policy import Policy
from ashiato.rooms.watching.services.raising import raise_alarms
from ashiato.terms.alarms import Alarm, AlarmCode
from ashiato.terms.times import us_of


@dataclass
class Silences:
    """What stood still, and since when by the worker's own clock."""

    policy: Policy
    clock: Clock
    _still: dict[tuple[str, str], tuple[int | None, float]] = field(default_factory=dict)
    _raised: set[str] = field(default_factory=set)
    is_guarded: bool = True

    def take_round(self) -> int:
        """Raise an alarm for whatever stood still for too long; returns how many are new."""
        now = self.clock.now()
        guards = list(Guard.objects.filter(is_stopped=False).prefetch_related("sources").order_by("name"))
        silent = [each for each in guards if self._is_silent_guard(each)]
        self.is_guarded = not silent
        alarms = [_of_guard(each, now) for each in silent]
        # Of a guard that is silent nobody knows how its sources are.
        alarms += [
            _of_source(each, now) for guard in guards if guard not in silent for each in self._of(guard)
        ]
        new = [each for each in alarms if each.key not in self._raised]
        count = raise_alarms(new, now) if new else 0
        # What lasts is not written again each round; after a restart the key says that it is known.
        self._raised = {each.key for each in alarms}
        return count

    def _is_silent_guard(self, guard: Guard) -> bool:
        return self._stood(("guard", guard.name), guard.beats) > self.policy.guard_silent.total_seconds()

    def _of(self, guard: Guard) -> Iterator[Source]:
        most = self.policy.source_silent.total_seconds()
        for source in guard.sources.all():
            if self._stood((guard.name, f"source {source.name}"), source.newest_us) > most:
                yield source

    def _stood(self, what: tuple[str, str], value: int | None) -> float:
        """Return for how many seconds a value stood still."""
        now = self.clock.steady()
        before, since = self._still.setdefault(what, (value, now))
        if before != value:
            self._still[what] = (value, now)
            return 0.0
        return now - since


def _of_guard(guard: Guard, now: datetime) -> Alarm:
    key = f"guard-silent:{guard.name}:{guard.beats}"
    return _silence(key, AlarmCode.GUARD_SILENT, guard.name, us_of(guard.beat_at), now)


def _of_source(source: Source, now: datetime) -> Alarm:
    key, newest_us = f"source-silent:{source.pk}:{source.newest_us}", source.newest_us
    since_us = us_of(source.guard.beat_at) if newest_us is None else newest_us
    return _silence(key, AlarmCode.SOURCE_SILENT, f"{source.guard.name}: {source.name}", since_us, now)


def _silence(key: str, code: AlarmCode, rule: str, since_us: int, now: datetime) -> Alarm:
    return Alarm(key, code, rule, since_us, since_us, us_of(now), (), 0, None, 0, ())
