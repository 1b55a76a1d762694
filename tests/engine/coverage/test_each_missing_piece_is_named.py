from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ashiato.datamap.model import Objects, Route, System
from tests.engine.coverage.fortress import LINES, PLAIN, ROLES, SCHEMA, SECOND, START, Fortress, line

pytestmark = pytest.mark.first_quick


@pytest.fixture
def fortress(tmp_path: Path) -> Fortress:
    """A site with nothing missing."""
    return Fortress(tmp_path)


def said(number: int, text: str, **more: Any) -> dict[str, Any]:
    """One statement among the events, in the time that matters."""
    at = START + SECOND
    return {"event_id": number, "event_kind": "sql", "start_us": at, "query_text": text,
            "database_user_name": "app", **more}  # fmt: skip


def asked(number: int, code: int = 200) -> dict[str, Any]:
    """One hostile request that ran no statement known."""
    return {"event_id": number, "event_kind": "http", "start_us": START, "http_request_method": "GET",
            "http_request_path": f"/x{number}", "http_response_code": code}  # fmt: skip


def test_whole_log_covers_every_way(fortress: Fortress) -> None:
    ways = fortress.ways()
    assert set(ways) == {("database", "db"), ("database-user", "app"), ("database-user", "dba"),
                         ("route", "/m/{id}")}  # fmt: skip
    assert set(ways.values()) == {""}


Change = Callable[[Fortress], None]


def setting(**fields: Any) -> Change:
    """Give the fortress other parts."""

    def change(fortress: Fortress) -> None:
        for name, value in fields.items():
            setattr(fortress, name, value)

    return change


def message(text: str, at: int = 150) -> list[dict[str, Any]]:
    """The lines with one message of the server among them."""
    return [*LINES, line(at, 99, None, message=text, database_session_uid="p")]


def other_user(**more: Any) -> list[dict[str, Any]]:
    """The lines with another connection's among them."""
    rows = [line(120 + n, n, database_session_uid="s2", database_user_name="clerk") for n in (1, 2)]
    return [*LINES, *rows[:-1], {**rows[-1], **more}]


ENDED = {"record_kind": "sql-connection", "activity_name": "ended"}
CLERK = ROLES + f"CREATE ROLE clerk; ALTER ROLE clerk {PLAIN};"
UNNUMBERED = [{**row, "database_session_line": None} for row in LINES]
TIMED = [{**row, "duration_us": 5} for row in LINES]
LATE = [line(130, 7, database_session_uid="s3")]
CUT = [*LINES, line(140, 31, "SELECT a FROM members WHERE x"), line(141, 32, "SELECT title FROM shops WHERE")]
SKEW = '{"against": "pg/postgresql.csv", "skew_us": 90000000}'
SILENCED = "SELECT set_config('log_statement', 'none', false)"
TRIGGER = "CREATE TRIGGER t AFTER UPDATE ON members EXECUTE FUNCTION f();"


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        (setting(hostile=False), "no-intrusion"),
        (setting(others=(System("crm"),)), "several-systems"),
        (setting(covers=False), "covers-not-said"),
        (setting(roles=""), "rights-not-told"),
        (setting(schema=""), "schema-not-told"),
        (setting(roles=ROLES + "GRANT dba TO app;"), "can-change-logging"),
        (setting(roles=ROLES + "ALTER ROLE app SET log_statement TO 'none';"), "logging-differs"),
        (setting(roles=ROLES + "ALTER ROLE ALL SET log_statement TO 'none';"), "logging-differs"),
        (setting(roles=ROLES + "GRANT SELECT ON"), "rights-not-told"),
        (setting(machines=()), "can-change-logging"),
        (setting(lines=other_user(**ENDED)), "role-unknown"),
        (setting(lines=other_user(), roles=CLERK), "session-open"),
        (setting(lines=UNNUMBERED), "not-numbered"),
        (setting(lines=[*LINES, line(175, 4)]), "not-numbered"),
        (setting(lines=[*LINES, *LATE]), "session-head-missing"),
        (setting(lines=message('fastpath function call: "lo_open"')), "beyond-reading"),
        (setting(lines=TIMED), "not-all-statements"),
        (setting(lines=LINES[12:]), "starts-late"),
        (setting(lines=LINES[:20]), "ends-early"),
        (setting(as_of=900), "ends-early"),
        (setting(lines=message('parameter "log_statement" changed to "none"')), "settings-changed"),
        (setting(lines=message("received SIGHUP, reloading configuration files")), "not-all-statements"),
        (setting(lines=message("database system was not properly shut down")), "server-crashed"),
        (setting(lines=message("replication connection authorized: user=dba")), "copies-made"),
        (setting(lines=CUT), "texts-cut"),
        (setting(unread=2), "unread-lines"),
        (setting(holes=[("pg/postgresql.csv", START, START + 9, "rotation-missing", "{}")]), "hole"),
        (setting(holes=[("web", 0, 9, "clock-skew", SKEW)]), "hole"),
        (setting(objects=(Objects("export/*"),)), "objects-apart"),
        (setting(objects=(Objects("export/*", holds=("members",)),)), "objects-apart"),
        (setting(system={"engine": "mysql"}), "engine-not-covered"),
        (setting(lines=[], requests=[asked(7)]), "web-log-alone"),
        (setting(requests=[asked(7)]), "statement-missing"),
        (setting(requests=[{**asked(7), "event_kind": "api"}]), "other-trace"),
        (setting(requests=[asked(7)], signs=[("web-planted-script", 7)]), "host-reached"),
        (setting(statements=[said(8, "GRANT dba TO app")]), "rights-changed"),
        (setting(statements=[said(8, "ALTER SYSTEM SET log_statement = 'none'")]), "settings-changed"),
        (setting(statements=[said(8, SILENCED)]), "settings-changed"),
        (setting(statements=[said(8, "COPY members TO STDOUT", database_user_name="dba")]), "copies-made"),
        (setting(statements=[said(8, "DELETE FROM shops")], schema=SCHEMA + TRIGGER), "hidden-writes"),
    ],
)  # fmt: skip
def test_piece_taken_away_is_named(fortress: Fortress, change: Change, gap: str) -> None:
    change(fortress)
    assert gap in fortress.gaps()


@pytest.mark.parametrize(
    "change",
    [
        setting(system={"copies_apart": True},
                statements=[said(8, "COPY members TO STDOUT", database_user_name="dba")]),
        setting(lines=other_user(**ENDED), roles=CLERK),
        setting(objects=(Objects("logo/*", holds=()),)),
        setting(holes=[("web/access.log", START, START + 9, "silence", "{}")]),
        setting(holes=[("pg/postgresql.csv", 1, 9, "silence", "{}")]),
        setting(requests=[asked(7, 404)], signs=[("web-path-traversal", 7)],
                statements=[{**asked(n, 404), "http_response_body_bytes": 9} for n in range(20, 45)]),
        setting(statements=[said(8, "SHOW log_statement")]),
    ],
)  # fmt: skip
def test_what_harms_nothing_takes_no_proof_away(fortress: Fortress, change: Change) -> None:
    change(fortress)
    if fortress.requests:
        fortress.requests = [{**fortress.requests[0], "http_response_body_bytes": 9}]
    assert fortress.gaps() == set()


def test_objects_stand_against_the_tables_they_hold(fortress: Fortress) -> None:
    fortress.objects = (Objects("export/*", holds=("members",)),)
    (table,) = {row for (row,) in fortress.build().rows("SELECT DISTINCT table_name FROM coverage") if row}
    assert table == "members"


def test_access_could_read_what_grants_and_routes_let_it(fortress: Fortress) -> None:
    fortress.requests = [{**asked(7), "http_request_path": "/m/3"}]
    assert fortress.reachable() == [
        ("P1", "database-user", "app", "members", "*", "grant"),
        ("P1", "route", "/m/{id}", "members", "*", "route"),
    ]


READ = "SELECT name FROM members WHERE id = {id}"


@pytest.mark.parametrize(
    ("statements", "tables"),
    [
        ((READ,), {"members"}),
        (("WITH m AS (SELECT * FROM public.Members) SELECT * FROM m",), {"members"}),
        ((READ, "SELECT FROM WHERE ("), {"members", "shops"}),
        ((READ, "SELECT * FROM a_view"), {"members", "shops"}),
        ((), {"members", "shops"}),
    ],
)
def test_route_reads_all_that_its_statements_do_not_rule_out(
    fortress: Fortress, statements: tuple[str, ...], tables: set[str]
) -> None:
    fortress.route = Route("/m/{id}.json", statements=statements)
    fortress.requests = [{**asked(7), "http_request_path": "/m/3.json"}]
    assert {table for _, kind, _, table, *_ in fortress.reachable() if kind == "route"} == tables


def test_without_a_dump_everything_is_taken_to_be_readable(fortress: Fortress) -> None:
    fortress.roles, fortress.schema = "", ""
    grounds = {(table, ground) for *_, table, _, ground in fortress.reachable()}
    assert grounds == {("members", "not-told"), ("shops", "not-told")}
