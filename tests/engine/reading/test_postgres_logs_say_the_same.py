"""PostgreSQL: one story told in csvlog, jsonlog and stderr gives the same records."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.reading.parsers.postgres_columns import Entry, columns_of_entries, split_peer
from ashiato.engine.reading.parsers.postgres_messages import ServerMessage, interpret
from ashiato.engine.reading.parsers.postgres_prefixes import PrefixReader
from tests.engine.reading.reading_desk import Desk, check_every_line_stands_once

Story = list[dict[str, str]]

STORY: Story = [
    {"m": "connection received: host=192.0.2.9 port=52660"},
    {"m": "connection authorized: user=app database=shop application_name=web"},
    {"m": 'statement: SELECT *\nFROM "orders"\n\tWHERE id = 7', "c": "idle"},
    {
        "m": 'AUDIT: SESSION,5,1,READ,SELECT,TABLE,public.orders,"SELECT a, b FROM orders",<none>,41',
        "c": "SELECT",
    },
    {"m": "duration: 12.345 ms", "c": "SELECT"},
    {"m": "execute s1: SELECT $1, $2", "d": "parameters: $1 = 'a\nb', $2 = NULL", "c": "SELECT"},
    {"m": "duration: 0.210 ms  bind s1: SELECT $1", "d": "parameters: $1 = '7'", "c": "BIND"},
    {"m": "duration: 3.000 ms  statement: SELECT 1", "c": "SELECT"},
    {"s": "ERROR", "e": "42601", "m": 'syntax error at or near "x"', "q": "SELECT x x x", "c": "SELECT"},
    {"m": "checkpoint starting: time"},
    {"m": "disconnection: session time: 0:01:02.500 user=app database=shop host=192.0.2.9 port=52660"},
]
AT = "2026-06-08 22:41:03.405 JST"


def _csvlog(story: Story, columns: int = 26) -> str:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    for number, said in enumerate(story, start=1):
        row = [
            AT, "app", "shop", 77, "192.0.2.9:52660", "6a25874a.57c3", number, said.get("c", ""),
            AT, "3/15", 0,
            said.get("s", "LOG"), said.get("e", "00000"), said["m"], said.get("d", ""), "", "", "", "",
            said.get("q", ""), "", "", "web", "client backend", "", 0,
        ]  # fmt: skip
        writer.writerow(row[:columns])
    return out.getvalue()


def _jsonlog(story: Story) -> str:
    lines = []
    for number, said in enumerate(story, start=1):
        members = {
            "timestamp": AT, "user": "app", "dbname": "shop", "pid": 77, "remote_host": "192.0.2.9",
            "remote_port": 52660, "session_id": "6a25874a.57c3", "line_num": number, "ps": said.get("c"),
            "error_severity": said.get("s", "LOG"), "state_code": said.get("e"), "message": said["m"],
            "detail": said.get("d"), "statement": said.get("q"), "application_name": "web",
        }  # fmt: skip
        lines.append(json.dumps({key: value for key, value in members.items() if value is not None}))
    return "\n".join(lines) + "\n"


PREFIX = "%m [%p] %c %l %e %r %i %q%u@%d/%a "


def _stderr(story: Story) -> str:
    lines = []
    for number, said in enumerate(story, start=1):
        head = (
            f"{AT} [77] 6a25874a.57c3 {number} {said.get('e', '00000')} 192.0.2.9(52660) {said.get('c', '')} "
            "app@shop/web "
        )
        added = (("DETAIL", said.get("d")), ("STATEMENT", said.get("q")))
        parts = [(said.get("s", "LOG"), said["m"]), *((name, text) for name, text in added if text)]
        lines += [f"{head}{name}:  {text}".replace("\n", "\n\t") for name, text in parts]
    return "\n".join(lines) + "\n"


def _told(row: dict[str, Any]) -> dict[str, Any]:
    places = ("evidence_id", "line_first", "line_last", "byte_first", "byte_last", "source_format")
    return {name: value for name, value in row.items() if value is not None and name not in places}


def test_three_formats_tell_one_story(tmp_path: Path) -> None:
    files = {"a/log.csv": _csvlog(STORY), "b/log.json": _jsonlog(STORY), "c/postgresql.log": _stderr(STORY)}
    tables = Desk(tmp_path).read({**files, "c/postgresql.conf": f"log_line_prefix = '{PREFIX}' # as set\n"})
    check_every_line_stands_once(tables)
    told: dict[str, list[dict[str, Any]]] = {}
    for row in tables.records:
        told.setdefault(row["source_format"], []).append(_told(row))
    assert sorted(told) == ["postgresql-csvlog", "postgresql-jsonlog", "postgresql-stderr"]
    assert told["postgresql-jsonlog"] == told["postgresql-csvlog"]
    assert told["postgresql-stderr"] == told["postgresql-csvlog"]


def test_the_story_is_understood(tmp_path: Path) -> None:
    rows = [_told(row) for row in Desk(tmp_path).read_one(_csvlog(STORY)).records]
    assert [row["record_kind"] for row in rows] == [
        "sql-connection", "sql-connection", "sql-statement", "sql-audit", "sql-duration", "sql-statement",
        "sql-duration", "sql-statement", "sql-error", "sql-message", "sql-connection",
    ]  # fmt: skip
    statement, audit, duration, execute, bind, timed, error, _, ended = rows[2:]
    assert statement["query_text"] == 'SELECT *\nFROM "orders"\n\tWHERE id = 7'
    assert (audit["query_rows"], audit["query_objects"], audit["activity_name"]) == (
        41,
        "public.orders",
        "READ",
    )
    assert audit["query_text"] == "SELECT a, b FROM orders"
    assert "query_binds" not in audit
    assert duration["duration_us"] == 12345
    assert (execute["activity_name"], execute["query_binds"]) == ("execute", "$1 = 'a\nb', $2 = NULL")
    assert (bind["activity_name"], bind["duration_us"], bind["query_binds"]) == ("bind", 210, "$1 = '7'")
    assert (timed["duration_us"], timed["query_text"]) == (3000, "SELECT 1")
    assert (error["error_code"], error["query_text"], error["status"]) == ("42601", "SELECT x x x", "failure")
    assert (ended["activity_name"], ended["duration_us"]) == ("ended", 62_500_000)
    assert {row["database_session_uid"] for row in rows} == {"6a25874a.57c3"}
    assert [row["database_session_line"] for row in rows] == list(range(1, 12))
    assert all((row["src_endpoint_ip"], row["src_endpoint_port"]) == ("192.0.2.9", 52660) for row in rows)


@pytest.mark.parametrize("columns", [22, 23, 24, 26])
def test_csvlog_of_every_version_is_read(tmp_path: Path, columns: int) -> None:
    tables = Desk(tmp_path).read_one(_csvlog(STORY, columns))
    check_every_line_stands_once(tables)
    assert len(tables.records) == len(STORY)
    assert tables.records[0].get("database_application") == ("web" if columns > 22 else None)


def test_a_forged_line_inside_a_statement_stays_inside(tmp_path: Path) -> None:
    forged = _csvlog([{"m": "statement: DROP TABLE orders"}])
    story: Story = [{"m": f"statement: SELECT '\n{forged}'"}, {"m": "duration: 1.000 ms"}]
    rows = Desk(tmp_path).read_one(_csvlog(story)).records
    assert [row["record_kind"] for row in rows] == ["sql-statement", "sql-duration"]
    assert rows[0]["query_text"] == f"SELECT '\n{forged}'"


PREFIXES = {
    "%t [%p]: db=%d,user=%u,app=%a,client=%h ": "{t} [77]: db=shop,user=app,app=web,client=192.0.2.9 ",
    "%t [%p]: [%l-1] user=%u,db=%d,client=%h ": "{t} [77]: [5-1] user=app,db=shop,client=192.0.2.9 ",
    "%t:%r:%u@%d:[%p]:": "{t}:192.0.2.9(52660):app@shop:[77]:",
    "%m [%p] %q%u@%d ": "{t} [77] app@shop ",
}


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("prefix", sorted(PREFIXES))
def test_usual_prefixes_are_told_or_seen(prefix: str, told: bool) -> None:
    head = PrefixReader(prefix if told else None).read(
        PREFIXES[prefix].format(t="2026-06-08 22:41:03 JST") + "LOG:  statement: SELECT 1, 'LOG:  x'"
    )
    assert head is not None
    assert (head.time, head.severity) == ("2026-06-08 22:41:03 JST", "LOG")
    assert head.text == "statement: SELECT 1, 'LOG:  x'"
    assert (head.said["user"], head.said["database"], head.said["pid"]) == ("app", "shop", "77")
    assert head.said.get("peer", "192.0.2.9").startswith("192.0.2.9")


def test_unknown_users_are_nobody() -> None:
    head = PrefixReader().read(
        "2026-06-08 22:41:03 JST [7]: db=[unknown],user=[unknown],app=[unknown],client=[local] LOG:  x"
    )
    assert head is not None
    assert "user" not in head.said
    assert "database" not in head.said


@pytest.mark.parametrize(
    ("message", "kind", "activity", "status"),
    [
        ('password authentication failed for user "aoi"', "sql-connection", "refused", "failure"),
        ('no pg_hba.conf entry for host "192.0.2.9"', "sql-connection", "refused", "failure"),
        ("terminating connection due to administrator command", "sql-error", "FATAL", "failure"),
    ],
)
def test_refused_connections_are_connections(message: str, kind: str, activity: str, status: str) -> None:
    row = interpret(ServerMessage("FATAL", message))
    assert (row["record_kind"], row["activity_name"], row["status"]) == (kind, activity, status)


@pytest.mark.parametrize(
    ("peer", "host", "port"),
    [
        ("192.0.2.9:52660", "192.0.2.9", 52660), ("192.0.2.9(52660)", "192.0.2.9", 52660),
        ("[local]", None, None), ("192.0.2.9", "192.0.2.9", None), ("", None, None),
        ("2001:db8::9(5432)", "2001:db8::9", 5432),
        ("2001:db8:0:0:0:0:0:9:52660", "2001:db8:0:0:0:0:0:9", 52660),
        ("db.example:5432", "db.example", 5432),
    ],
)  # fmt: skip
def test_peers_fall_into_host_and_port(peer: str, host: str | None, port: int | None) -> None:
    assert split_peer(peer) == (host, port)


message = st.sampled_from([
    "duration: 1.250 ms", "duration: 1.250 ms  statement: x", "duration: x ms", "statement: SELECT 1",
    "statement: ", "AUDIT: SESSION,1,1,READ,SELECT,,,SELECT 1,<not logged>,1", "AUDIT: torn",
    "execute <unnamed>: x", "", "y",
])  # fmt: skip
extra = st.sampled_from([None, "", "parameters: $1 = '1'", "more"])


@given(st.lists(st.tuples(message, extra, extra, st.sampled_from(["LOG", "ERROR", "FATAL"])), max_size=12))
def test_entries_read_together_as_they_do_alone(
    said: list[tuple[str, str | None, str | None, str]],
) -> None:
    entries = [_entry(*each) for each in said]
    together = columns_of_entries(entries) if entries else {}
    columns = {name: array.to_pylist() for name, array in together.items()}
    for index, entry in enumerate(entries):
        alone = interpret(ServerMessage(entry.severity, entry.message, entry.detail))
        for name in ("record_kind", "duration_us", "query_text", "activity_name", "message", "error_text"):
            assert columns.get(name, [None] * len(entries))[index] == alone.get(name), name


def _entry(message: str, detail: str | None, hint: str | None, severity: str) -> Entry:
    return Entry(
        time_us=1,
        time_step_us=1,
        user=None,
        database=None,
        peer=None,
        session=None,
        session_line=None,
        command=None,
        severity=severity,
        sql_state=None,
        message=message,
        detail=detail,
        hint=hint,
        context=None,
        statement=None,
        application=None,
    )
