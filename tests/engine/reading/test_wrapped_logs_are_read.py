"""Logs that travelled: the same records whatever was put around their lines on the way."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.reading.blocks import Block, LineReader
from ashiato.engine.reading.parsers.containers import Container, JsonWrapping
from ashiato.engine.reading.parsers.journal import JournalExport
from ashiato.engine.reading.parsers.syslog import Syslog
from ashiato.engine.reading.parsers.wrapped import Wrapped
from ashiato.engine.reading.times import Clock
from ashiato.terms.times import us_of
from tests.engine.reading.reading_desk import Desk, Tables, check_every_line_stands_once

NEWEST = us_of(datetime(2026, 5, 12, 9, tzinfo=UTC))
WEB = '203.0.113.9 - ann [12/May/2026:00:10:49 +0000] "GET /m/7?q=1 HTTP/1.1" 200 512 "-" "curl/8"'
SQL = "2026-05-12 00:10:49.250 UTC [77] app@shop LOG:  duration: 2.000 ms  statement: SELECT 1\n\tFROM m"
ROUTES = {
    "bare": "{line}",
    "rfc3164": "May 12 00:10:49 db1 nginx[77]: {line}",
    "rsyslog": "2026-05-12T00:10:49.250000+00:00 db1 nginx[77]: {line}",
    "rfc5424": '<134>1 2026-05-12T00:10:49.250Z db1 nginx 77 - [meta@1 seq="1"] {line}',
    "counted": "99 <134>1 2026-05-12T00:10:49.250Z db1 nginx 77 - - {line}",
    "docker": '{{"log":{json_end},"stream":"stdout","time":"2026-05-12T00:10:49.250Z"}}',
    "cri": "2026-05-12T00:10:49.250123456Z stdout F {line}",
    "compose": "web-1  | {line}",
    "journal": '{{"__REALTIME_TIMESTAMP":"1778544649250000","_HOSTNAME":"db1","_PID":"77","MESSAGE":{json}}}',
    "cloud-sql": '{{"textPayload":{json},"timestamp":"2026-05-12T00:10:49.25Z","logName":"postgres.log"}}',
}  # fmt: skip


def _wrap(route: str, lines: str) -> str:
    shape = ROUTES[route]
    each = [
        shape.format(line=line, json=json.dumps(line), json_end=json.dumps(line + "\n"))
        for line in lines.splitlines()
    ]
    return "\n".join(each) + "\n"


def _read(tmp_path: Path, text: str) -> Tables:
    tables = Desk(tmp_path, zone="UTC", modified_us=NEWEST).read_one(text)
    check_every_line_stands_once(tables)
    return tables


def _said(row: dict[str, Any]) -> dict[str, Any]:
    apart = ("evidence_id", "device_hostname", "process_name", "process_pid")
    places = ("line_first", "line_last", "byte_first", "byte_last")
    return {name: value for name, value in row.items() if name not in (*apart, *places)}


@pytest.mark.parametrize("lines", [WEB, SQL], ids=["web", "sql"])
def test_wrapped_lines_read_like_bare_ones(tmp_path: Path, lines: str) -> None:
    files = {f"{route}.log": _wrap(route, lines) for route in ROUTES}
    tables = Desk(tmp_path, zone="UTC", modified_us=NEWEST).read(files)
    check_every_line_stands_once(tables)
    bare, *others = tables.records
    assert len(others) == len(ROUTES) - 1
    for row in others:
        assert _said(row) == _said(bare)
        assert row["line_last"] == len(lines.splitlines())


def test_postgres_without_its_own_time_has_the_wrappings(tmp_path: Path) -> None:
    text = (
        "May 12 00:10:49 db1 postgres[77]: [3-1] user=app,db=shop LOG:  statement: SELECT a\n"
        "May 12 00:10:49 db1 postgres[77]: [3-2] #011FROM m\n"
        "May 12 00:10:50 db1 cron[9]: (root) CMD (true)\n"
    )
    statement, other = _read(tmp_path, text).records
    assert (statement["source_format"], statement["query_text"]) == ("postgresql-stderr", "SELECT a\nFROM m")
    assert (statement["database_user_name"], statement["line_last"]) == ("app", 2)
    assert (other["record_kind"], other["process_name"]) == ("host-message", "cron")
    assert other["time_us"] - statement["time_us"] == 1_000_000


def test_audits_of_mariadb_come_by_syslog(tmp_path: Path) -> None:
    text = "May 12 00:10:49 db1 mysql-server_auditing: db1,app,10.0.0.2,7,9,QUERY,shop,'SELECT 1',0\n"
    (row,) = _read(tmp_path, text).records
    assert (row["source_format"], row["query_text"]) == ("mariadb-audit", "SELECT 1")
    assert row["device_hostname"] == "db1"


def test_records_of_cloudnativepg_are_postgres(tmp_path: Path) -> None:
    record = {
        "log_time": "2026-05-12 00:10:49.250 UTC", "user_name": "app", "database_name": "shop",
        "connection_from": "10.0.0.2:4001", "session_id": "6.7", "error_severity": "LOG",
        "message": "statement: SELECT 1",
    }  # fmt: skip
    text = json.dumps({"level": "info", "ts": "2026-05-12T00:10:49Z", "logger": "postgres", "msg": "record",
                       "record": record, "logging_pod": "db-1"})  # fmt: skip
    (row,) = _read(tmp_path, text + "\n").records
    assert (row["source_format"], row["query_text"]) == ("postgresql-jsonlog", "SELECT 1")
    assert (row["src_endpoint_ip"], row["src_endpoint_port"]) == ("10.0.0.2", 4001)


def test_years_turn_where_none_is_written(tmp_path: Path) -> None:
    text = "Dec 31 23:59:59 h p[1]: a\nJan  1 00:00:01 h p[1]: b\nFeb 29 00:00:00 h p[1]: c\n"
    rows = _read(tmp_path, text).records
    days = [datetime.fromtimestamp(row["time_us"] / 1e6, UTC).date().isoformat() for row in rows]
    assert days == ["2025-12-31", "2026-01-01", "2024-02-29"]
    assert Desk(tmp_path / "b", zone="UTC").read_one(text).records == []


def test_days_in_names_tell_the_year(tmp_path: Path) -> None:
    text = "Dec 31 23:59:59 h p[1]: a\n"
    (row,) = Desk(tmp_path, zone="UTC").read_one(text, "messages-20250105").records
    assert datetime.fromtimestamp(row["time_us"] / 1e6, UTC).year == 2024


def test_lines_cut_in_parts_are_one(tmp_path: Path) -> None:
    half = len(WEB) // 2
    cri = f"2026-05-12T00:10:49.250Z stdout P {WEB[:half]}\n2026-05-12T00:10:49.250Z stdout F {WEB[half:]}\n"
    (row,) = _read(tmp_path / "cri", cri).records
    assert (row["http_request_target"], row["line_first"], row["line_last"]) == ("/m/7?q=1", 1, 2)


def test_entries_of_a_journal_span_lines(tmp_path: Path) -> None:
    entry = (
        b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1778544649250000\n_HOSTNAME=web1\nSYSLOG_IDENTIFIER=sshd\n_PID=5\n"
        b"MESSAGE\n\x0a\0\0\0\0\0\0\0ten\xffbytes!\n\n"
    )
    text = entry + entry.replace(
        b"MESSAGE\n\x0a\0\0\0\0\0\0\0ten\xffbytes!",
        b"MESSAGE=Accepted password for ann from 203.0.113.9 port 1 ssh2",
    )
    tables = Desk(tmp_path, zone="UTC").read_one(text)
    check_every_line_stands_once(tables)
    one, other = tables.records
    assert (one["message"], one["line_first"], one["line_last"]) == ("ten\ufffdbytes!", 1, 8)
    assert (other["record_kind"], other["status"], other["actor_user_name"]) == (
        "host-sign-in",
        "success",
        "ann",
    )


_CLOCK = Clock(ZoneInfo("UTC"), NEWEST)
_WRAPPINGS = [Wrapped(kind(_CLOCK), []) for kind in (Syslog, JsonWrapping, Container, JournalExport)]


@given(
    st.sampled_from(sorted(ROUTES)),
    st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=6)), max_size=6),
    st.booleans(),
)
def test_spoilt_wrappings_lose_no_line(route: str, spoils: list[tuple[int, bytes]], ended: bool) -> None:
    spoilt = _wrap(route, f"{WEB}\n{SQL}\nroot session").encode()
    for at, put in spoils:
        spoilt = spoilt[: at % len(spoilt)] + put + spoilt[at % len(spoilt) + len(put) :]
    block = next(iter(LineReader(io.BytesIO(spoilt))))
    assert isinstance(block, Block)
    block = block.pick(slice(0, len(block)), ended=ended)
    for parser in _WRAPPINGS:
        assert 0 <= parser.cut(block) <= len(block)
        parsed = parser.parse(block)
        assert (parsed.first <= parsed.last).all()
        assert (parsed.first[1:] > parsed.last[:-1]).all()
        assert all(len(array) == len(parsed) for array in parsed.columns.values())
