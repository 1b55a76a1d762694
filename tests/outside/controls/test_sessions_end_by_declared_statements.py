"""Sessions of a real site over a real database end, come back, and are tried over real HTTP."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ashiato.outside.controls import deeds
from ashiato.outside.controls.live_databases import LiveDatabase
from ashiato.outside.controls.sessions_sql import AccountsSql, SessionsSql, Statements
from ashiato.outside.controls.site_trials import SiteTrial
from ashiato.outside.controls.targets import ControlError, NoAnswerError, Target, checked_target
from tests.journeys.databases import Database, mariadb, postgresql
from tests.outside.controls.laws import hold_for, now

STATEMENTS = Statements(
    look="SELECT state FROM sessions WHERE name = :value",
    stop="UPDATE sessions SET state = 'ended' WHERE name = :value",
    restore="UPDATE sessions SET state = :before WHERE name = :value",
    stopped="ended",
)
HOSTILE = [
    "x'--",
    "';DELETE/**/FROM/**/sessions;--",
    "%s",
    ":before",
    "a;admin=1",
    '"quoted"',
    "1/**/OR/**/1=1",
]
_TABLE = ["CREATE TABLE sessions (name VARCHAR(256) PRIMARY KEY, state VARCHAR(20))"]


def _session(name: str) -> Target:
    return checked_target("shop", "session", name)


def _rows(connect: Callable[[], Any]) -> list[tuple[str, str]]:
    with closing(connect()) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT name, state FROM sessions ORDER BY name")
        return [tuple(row) for row in cursor.fetchall()]


def _filled(connect: Callable[[], Any], mark: str) -> None:
    with closing(connect()) as connection:
        cursor = connection.cursor()
        cursor.execute(_TABLE[0])
        for name in ["honest", "bad", *HOSTILE]:
            cursor.execute(f"INSERT INTO sessions VALUES ({mark}, 'open')", (name,))
        connection.commit()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "site.sqlite3"
    _filled(lambda: sqlite3.connect(path), "?")
    return path


def _site(file: Path) -> ThreadingHTTPServer:
    """A site that lets in whoever's session stands open in its database."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.headers.get("Cookie", "").partition("sid=")[2]
            with closing(sqlite3.connect(file)) as database:
                row = database.execute("SELECT 1 FROM sessions WHERE name = ? AND state = 'open'", (name,))
                is_in = row.fetchone() is not None
            self.send_response(200 if is_in else 401)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    return ThreadingHTTPServer(("127.0.0.1", 0), Page)


@pytest.fixture
def trial(file: Path) -> Iterator[SiteTrial]:
    with _site(file) as site:
        threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield SiteTrial(f"http://127.0.0.1:{site.server_port}/me", "sid", 5)
        site.shutdown()


def _sqlite(file: Path, trial: SiteTrial | None = None) -> SessionsSql:
    return SessionsSql(LiveDatabase("sqlite", str(file), seconds=1), STATEMENTS, trial)


def test_a_session_is_out_alone_and_comes_back(file: Path, trial: SiteTrial) -> None:
    before = _rows(lambda: sqlite3.connect(file))
    hold_for(_sqlite(file, trial), [_session("bad")], lambda: trial.ask_as("bad").is_blocked is False)
    assert _rows(lambda: sqlite3.connect(file)) == before


def test_an_account_is_disabled_and_one_that_is_not_found_is_not_said_to_be(file: Path) -> None:
    control = AccountsSql(LiveDatabase("sqlite", str(file), seconds=1), STATEMENTS)
    targets = [checked_target("shop", "account", name) for name in ("bad", "nobody")]
    changes = deeds.dry_run(control, targets, now())
    held = [each.standing for each in deeds.apply(control, changes, now())]
    assert held[0] == deeds.Standing.HELD
    assert held[1] != deeds.Standing.HELD
    assert {name for name, state in _rows(lambda: sqlite3.connect(file)) if state == "ended"} == {"bad"}
    assert [each.is_blocked for each in deeds.verify(control, changes)] == [None, None]
    assert {each.standing for each in deeds.undo(control, changes, now())} == {deeds.Standing.OPEN}
    assert {state for _, state in _rows(lambda: sqlite3.connect(file))} == {"open"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_that_session_and_nothing_else(file: Path, name: str) -> None:
    control = _sqlite(file)
    changes = deeds.dry_run(control, [_session(name)], now())
    deeds.apply(control, changes, now())
    ended = [row[0] for row in _rows(lambda: sqlite3.connect(file)) if row[1] == "ended"]
    assert ended == [name]
    deeds.undo(control, changes, now())
    assert {state for _, state in _rows(lambda: sqlite3.connect(file))} == {"open"}


def test_a_name_that_would_add_a_cookie_is_not_sent(trial: SiteTrial) -> None:
    assert trial.ask_as("a;admin=1").is_blocked is None
    assert (
        SiteTrial(trial.url.replace("http://127.0.0.1", "https://127.0.0.1"), "sid", 1).ask_as("a").is_blocked
        is None
    )
    with pytest.raises(ControlError, match="over https"):
        SiteTrial("http://shop.example/me", "sid")


@pytest.mark.slow
def test_a_database_that_hangs_is_in_doubt(file: Path) -> None:
    control = _sqlite(file)
    changes = deeds.dry_run(control, [_session("bad")], now())
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(NoAnswerError, match="locked"):
            deeds.apply(control, changes, now())
    assert ("bad", "open") in _rows(lambda: sqlite3.connect(file))


def test_half_of_a_call_is_none_of_it(file: Path) -> None:
    with closing(sqlite3.connect(file)) as site, site:
        site.execute(
            "CREATE TRIGGER no BEFORE UPDATE ON sessions WHEN new.name = 'honest' "
            "BEGIN SELECT raise(ABORT, 'no'); END"
        )
    control = _sqlite(file)
    changes = deeds.dry_run(control, [_session("bad"), _session("honest")], now())
    with pytest.raises(ControlError, match="refuses"):
        deeds.apply(control, changes, now())
    assert ("bad", "open") in _rows(lambda: sqlite3.connect(file))


@pytest.mark.parametrize(
    ("name", "text"),
    [("stop", "UPDATE sessions SET state = 'ended'"), ("look", "DELETE FROM sessions WHERE name = :value"),
     ("restore", "UPDATE sessions SET state = 'open' WHERE name = :value")],
)  # fmt: skip
def test_statements_that_are_for_everybody_are_refused(name: str, text: str) -> None:
    words = {"look": STATEMENTS.look, "stop": STATEMENTS.stop, "restore": STATEMENTS.restore} | {name: text}
    with pytest.raises(ControlError):
        Statements(**words, stopped="ended")


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[LiveDatabase, Database]]:
    """The same table on the servers that sites use."""
    with postgresql() if request.param == "postgresql" else mariadb() as made:
        name, user = ("postgres", "site") if request.param == "postgresql" else ("shop", "root")
        if request.param == "mariadb":
            made.run("CREATE DATABASE shop")
        yield LiveDatabase(request.param, name, "127.0.0.1", made.port, user, seconds=5), made


@pytest.mark.slow
def test_servers_end_and_restore_the_same(served: tuple[LiveDatabase, Database]) -> None:
    database, _ = served
    with database.session() as cursor:
        cursor.execute(_TABLE[0])
        cursor.executemany("INSERT INTO sessions VALUES (%s, 'open')", [(name,) for name in HOSTILE])
    control = SessionsSql(database, STATEMENTS)
    for name in HOSTILE:
        changes = deeds.dry_run(control, [_session(name), _session("unknown")], now())
        assert {each.standing for each in deeds.apply(control, changes, now())} == {deeds.Standing.HELD}
        with database.session() as cursor:
            cursor.execute("SELECT name FROM sessions WHERE state = 'ended'")
            assert [tuple(row) for row in cursor.fetchall()] == [(name,)]
        deeds.undo(control, changes, now())
    assert [each["held"] for each in control.observe([_session(name) for name in HOSTILE])] == ["open"] * len(
        HOSTILE
    )


@pytest.mark.slow
def test_a_lock_of_somebody_else_costs_its_time_alone(served: tuple[LiveDatabase, Database]) -> None:
    database, _ = served
    impatient = LiveDatabase(
        database.engine, database.name, database.host, database.port, database.user, seconds=1
    )
    with database.session() as cursor:
        cursor.execute("CREATE TABLE held (name VARCHAR(20) PRIMARY KEY, state VARCHAR(20))")
        cursor.execute("INSERT INTO held VALUES ('bad', 'open')")
    said = Statements(
        look=STATEMENTS.look.replace("sessions", "held"), stop=STATEMENTS.stop.replace("sessions", "held"),
        restore=STATEMENTS.restore.replace("sessions", "held"), stopped="ended",
    )  # fmt: skip
    control = SessionsSql(impatient, said)
    changes = deeds.dry_run(control, [_session("bad")], now())
    with database.session() as holder:
        holder.execute("UPDATE held SET state = 'open' WHERE name = 'bad'")
        holder.execute("SELECT * FROM held WHERE name = 'bad' FOR UPDATE")
        holder.fetchall()
        with pytest.raises(NoAnswerError):
            deeds.apply(control, changes, now())
    assert [each.standing for each in deeds.observe(control, changes)] == [deeds.Standing.OPEN]
    with pytest.raises(NoAnswerError):
        SessionsSql(LiveDatabase(database.engine, "x", "127.0.0.1", 1, "x", seconds=1), said).observe(
            [_session("a")]
        )
