"""The site's PostgreSQL killed while a session is ended: nothing half done, told as it is, done later."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ashiato.outside.controls.live_databases import LiveDatabase
from ashiato.outside.controls.sessions_sql import SessionsSql, Statements
from ashiato.rooms.containing.api import Means, NamedControl, Plan, Policy, Stand
from ashiato.rooms.watching.api import RaisedAlarm
from ashiato.terms.alarms import Actor, ActorKind, Alarm, AlarmCode
from ashiato.terms.times import us_of
from ashiato.web.containing import keep_once
from ashiato.web.guarding import ServerLink
from tests.journeys.databases import Database, postgresql
from tests.rooms.containing.pens import NOBODY, NOW, Hourglass
from tests.web.handing_on import hand_on

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]
#: Long enough to be killed in.
_STATEMENTS = Statements(
    look="SELECT state FROM sessions WHERE name = :value",
    stop="UPDATE sessions SET state = 'ended' WHERE name = :value AND pg_sleep(2) IS NOT NULL",
    restore="UPDATE sessions SET state = :before WHERE name = :value",
    stopped="ended",
)


@pytest.fixture
def site() -> Iterator[Database]:
    with postgresql() as made:
        rows = "INSERT INTO sessions VALUES ('bad', 'open'), ('honest', 'open')"
        made.run("CREATE TABLE sessions (name text PRIMARY KEY, state text NOT NULL)", rows)
        yield made


def _rows(site: Database, statement: str) -> list[tuple[object, ...]]:
    with closing(site.connect()) as connection:
        cursor = connection.cursor()
        cursor.execute(statement)
        return [tuple(row) for row in cursor.fetchall()]


def _kill_who_sleeps(site: Database) -> None:
    """Kill the server's process that runs the statement; its others then end too, and it recovers."""
    sleeping = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    until = time.monotonic() + 30
    while not (found := _rows(site, sleeping)) and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(int(str(found[0][0])), signal.SIGKILL)


def _await(site: Database) -> list[tuple[object, ...]]:
    """Return who has which state, once the server is there again."""
    until = time.monotonic() + 60
    while True:
        try:
            return _rows(site, "SELECT name, state FROM sessions ORDER BY name")
        except Exception:  # noqa: BLE001 - a driver's, whichever: the server is not there yet
            assert time.monotonic() < until
            time.sleep(0.1)


def test_it_is_killed_half_way_and_the_next_round_ends_the_session(site: Database, tmp_path: Path) -> None:
    database = LiveDatabase("postgresql", "postgres", "127.0.0.1", site.port, "site", seconds=10)
    control = NamedControl("site", SessionsSql(database, _STATEMENTS))
    means = Means({"site": control}, Policy(automatic_reach=1), tmp_path / "lock", Hourglass(), NOBODY)
    us = us_of(NOW)
    actors = (Actor("shop", ActorKind.SESSION, "bad"),)
    alarm = Alarm("k", AlarmCode.PEOPLE_BUDGET, "budget", us, us, us, actors, 60, 30, 60, ("a.log:1",))
    killer = threading.Thread(target=_kill_who_sleeps, args=[site])
    killer.start()
    assert hand_on(ServerLink("web-1", means.clock, means), alarm)
    killer.join()
    assert _await(site) == [("bad", "open"), ("honest", "open")]
    assert Plan.objects.get().stand == Stand.APPLYING, "what became of it nobody knows, and nobody says"
    assert RaisedAlarm.objects.get(key="k").answer != "verified"
    keep_once(means)
    assert _rows(site, "SELECT name, state FROM sessions ORDER BY name") == [
        ("bad", "ended"),
        ("honest", "open"),
    ]
    assert (Plan.objects.get().stand, RaisedAlarm.objects.get(key="k").answer) == (Stand.APPLIED, "done")
