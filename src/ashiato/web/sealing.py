"""The worker's other half: seals what was sent, beside the runs, and gives up what nobody goes on with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ashiato.rooms.cases import api
from ashiato.rooms.living import Clock, now_us
from ashiato.web.beside import go_round

_SECONDS_BETWEEN_SWEEPS = 3600.0
#: What cannot be sealed is tried again after a second, then after twice as long each time, up to this.
_MOST_SECONDS = 60.0


def seal_until(is_over: Callable[[float], bool], clock: Clock) -> None:
    """Seal what was sent until it is over; ``is_over`` waits so many seconds for that.

    One run that goes on for hours keeps no other case waiting; and no fault of the database here, however
    lasting, ends a run.
    """
    go_round(Sealer(clock).take_round, is_over, "what was sent cannot be sealed")


@dataclass
class Sealer:
    """Looks through what waits to be sealed; knows what failed before, and when it is tried again."""

    clock: Clock
    _sweep_at: float = 0.0
    #: By upload: when it is tried again, and how long it waited for that.
    _waits: dict[int, tuple[float, float]] = field(default_factory=dict)

    def take_round(self) -> None:
        """Seal what can be sealed now; once an hour give up what nobody goes on with."""
        if self.clock.steady() >= self._sweep_at:
            api.sweep(self.clock.now())
            self._sweep_at = self.clock.steady() + _SECONDS_BETWEEN_SWEEPS
        whole = api.list_whole()
        self._waits = {each.pk: self._waits[each.pk] for each in whole if each.pk in self._waits}
        for upload in whole:
            again_at, pause = self._waits.get(upload.pk, (0.0, 0.5))
            if self.clock.steady() >= again_at and not api.seal(upload, now_us, self.clock.now()):
                pause = min(2 * pause, _MOST_SECONDS)
                self._waits[upload.pk] = self.clock.steady() + pause, pause
