"""The server as a guard of this machine knows it: takes alarms by key, and hears that the guard lives."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from django.db import Error, connection

from ashiato.rooms.containing.api import Means
from ashiato.rooms.living import Clock, MachineClock
from ashiato.rooms.watching.api import Answer, Response, heartbeat, raise_alarm, stop_guard
from ashiato.terms.alarms import Alarm
from ashiato.web.answering_alarms import answer_alarm, is_answerable

#: A guard shows itself so often; a server whose database is away is asked again after so long.
SECONDS_BETWEEN_BEATS = 5.0
_SECONDS_AFTER_FAULT = 5.0
_LOG = logging.getLogger(__name__)


@dataclass
class ServerLink:
    """A guard's way to the server, under its own name; a database that is away never ends the guard.

    ``means``: with what whoever is alarmed about is stopped; None where the operator's file names no control.
    """

    name: str
    clock: Clock = field(default_factory=MachineClock)
    means: Means | None = None
    _again_at: float = 0.0
    _beat_at: float = 0.0

    def take(self, alarm: Alarm) -> bool:
        """Take an alarm in; False where the database is away: it comes again."""
        return self._try(lambda: self._raise(alarm))

    def _raise(self, alarm: Alarm) -> None:
        begun = self.means is not None and is_answerable(self.means, alarm)
        raise_alarm(alarm, self.clock.now(), Response(Answer.BEGUN) if begun else None)

    def answer(self, alarm: Alarm) -> bool:
        """Stop whom an alarm that was taken in is about; False where the database is away: it comes again."""
        means = self.means
        return means is None or self._try(lambda: answer_alarm(means, alarm))

    def beat(self, sources: Mapping[str, int | None]) -> None:
        """Show that the guard lives, every few seconds."""
        if self.clock.steady() >= self._beat_at:
            self._beat_at = self.clock.steady() + SECONDS_BETWEEN_BEATS
            self._try(partial(heartbeat, self.name, sources, self.clock.now()))

    def stop(self) -> None:
        """Say that the guard stops in order."""
        self._try(partial(stop_guard, self.name, self.clock.now()))

    def _try(self, act: Callable[[], object]) -> bool:
        if self.clock.steady() < self._again_at:
            return False
        try:
            act()
        except Error as error:
            _LOG.warning("the server's database cannot be reached just now: %s", type(error).__name__)
            self._again_at = self.clock.steady() + _SECONDS_AFTER_FAULT
            with suppress(Error):
                connection.close()
            return False
        return True
