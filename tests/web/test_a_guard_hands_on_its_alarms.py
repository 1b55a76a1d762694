"""A guard hands its alarms to the server and shows that it lives; a database that is away costs no alarm."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from ashiato.cli.guard import _newest
from ashiato.guard.running import Guard, NotTakenError
from ashiato.guard.state import State
from ashiato.rooms.living import MachineClock
from ashiato.rooms.watching.api import AlarmGroup, list_guards
from ashiato.terms.alarms import Alarm
from ashiato.web import guarding
from tests.guard.watched import Watched
from tests.rooms import server


class _Clock(MachineClock):
    """A clock whose seconds go when told."""

    seconds = 1_000.0

    def steady(self) -> float:
        return self.seconds


@pytest.mark.slow
def test_alarms_raised_while_the_database_is_away_are_handed_on_once_it_is_back(
    tmp_path: Path, database: Path
) -> None:
    watched, clock = Watched(tmp_path), _Clock()
    link = guarding.ServerLink("web-1", clock)

    def tell(alarm: Alarm) -> None:
        if not link.take(alarm):
            raise NotTakenError

    for number in range(15):
        watched.ask(f"/owners/{number * number}", "203.0.113.7", "thief")
    server.use({"NAME": tmp_path / "nowhere" / "server.sqlite3"})
    with watched.guard(tell) as guard:
        link.beat({})
        server.use({"NAME": database})
        guard.hand_on()
        assert not AlarmGroup.objects.exists(), "it is not asked again at once"
        clock.seconds += 6.0
        guard.hand_on()
        guard.hand_on()
    group = AlarmGroup.objects.get()
    assert (group.alarms, group.kind.system, group.kind.code) == (1, "shop", "people-budget")
    with State(tmp_path) as state:
        assert state.alarms_to_tell() == []


def test_a_guard_shows_itself_every_few_seconds_and_says_when_it_stops(
    tmp_path: Path, database: Path
) -> None:
    del database
    watched, clock, stopped = Watched(tmp_path), _Clock(), Event()
    watched.ask("/owners/7", "203.0.113.7", "someone")
    link, seen = guarding.ServerLink("web-1", clock), []

    with State(tmp_path) as state:
        at_work = Guard(watched.settings, state, watched.told.append, watched.clock)

        def beat() -> None:
            link.beat(_newest(at_work))
            seen.append(clock.seconds)
            clock.seconds += 2.0
            if len(seen) == 4:
                stopped.set()

        at_work.run(stopped, beat=beat)
        at_work.close()
    (guard,) = list_guards()
    assert (guard.beats, guard.is_stopped) == (2, False)
    assert [source.name for source in guard.sources.all()] == [str(watched.log)]
    link.stop()
    assert list_guards().get().is_stopped
