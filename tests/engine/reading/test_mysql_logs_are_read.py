"""MySQL's and MariaDB's own logs: general, slow and audited, of every version, say what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.engine.reading.parsers import mysql_slow
from ashiato.engine.reading.parsers.mysql_errors import MysqlErrors
from ashiato.engine.reading.parsers.mysql_texts import is_open, may_go_on
from ashiato.engine.reading.times import Clock
from tests.engine.reading.reading_desk import Desk, Tables, check_every_line_stands_once

_MARIADB_HEAD = (
    "/usr/sbin/mariadbd, Version: 10.11.6-MariaDB-log (Debian 12). started with:\n"
    "Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\n"
    "Time\t\t    Id Command\tArgument\n"
)
_MARIADB = (
    f"{_MARIADB_HEAD}"
    "261122  8:12:40\t     3 Connect\tapp@10.0.0.5 on clinic using TCP/IP\n"
    "\t\t     3 Query\tselect *\nfrom p\n\n  where id>1\n"
    "\t\t     4 Connect\tAccess denied for user 'root'@'10.0.0.9' (using password: YES)\n"
    "261122 18:12:41\t     3 Init DB\tother\n"
    "\t\t     3 Prepare\tselect * from p where id=?\n"
    "\t\t     3 Execute\tselect * from p where id=7\n"
    "\t\t     3 Close stmt\t\n"
    f"{_MARIADB_HEAD}"
    "\t\t     3 Quit\t\n"
)
_MYSQL = (
    "/usr/sbin/mysqld, Version: 8.0.39 (MySQL Community Server - GPL). started with:\n"
    "Tcp port: 3306  Unix socket: /var/run/mysqld/mysqld.sock\n"
    "Time                 Id Command    Argument\n"
    "2026-11-22T08:12:40.123456Z\t   11 Connect\tapp@web1 on clinic using SSL/TLS\n"
    "2026-11-22T08:12:40.223456Z\t   11 Query\tSELECT 1\n"
    "2026-11-22T17:12:41.000001+09:00\t   11 Quit\t\n"
)
_SLOW_MYSQL = (
    "# Time: 2026-11-22T08:12:43.500000Z\n"
    "# User@Host: app[app] @ web1 [10.0.0.5]  Id:    11\n"
    "# Query_time: 2.500000  Lock_time: 0.000003 Rows_sent: 12  Rows_examined: 4000\n"
    "use clinic;\n"
    "SET timestamp=1795335161;\n"
    "SELECT * FROM p\n# a remark\nWHERE note = 'x;\ny';\n"
    "# Time: 2026-11-22T08:12:44.000000Z\n"
    "# User@Host: app[app] @  [10.0.0.5]  Id:    11\n"
    "# Query_time: 0.000100  Lock_time: 0.000000 Rows_sent: 0  Rows_examined: 0 Thread_id: 11 Errno: 1054 "
    "Killed: 0 Bytes_received: 31 Bytes_sent: 77\n"
    "SET timestamp=1795335164;\n"
    "SELECT nope FROM p;\n"
    "# Time: 2026-11-22T08:12:45.000000Z\n"
    "# User@Host: app[app] @  [10.0.0.5]  Id:    11\n"
    "# Query_time: 0.000002  Lock_time: 0.000000 Rows_sent: 0  Rows_examined: 0\n"
    "SET timestamp=1795335165;\n"
    "# administrator command: Quit;\n"
)
_SLOW_MARIADB = (
    "# Time: 261122 17:12:40\n"
    "# User@Host: root[root] @ localhost []\n"
    "# Thread_id: 3  Schema:   QC_hit: No\n"
    "# Query_time: 0.000181  Lock_time: 0.000000  Rows_sent: 0  Rows_examined: 0\n"
    "# Rows_affected: 1  Bytes_sent: 11\n"
    "SET timestamp=1795335160;\n"
    "create database clinic;\n"
    "# User@Host: app[app] @ web1 [10.0.0.5]\n"
    "# Thread_id: 4  Schema: clinic  QC_hit: No\n"
    "# Query_time: 0.000222  Lock_time: 0.000077  Rows_sent: 1  Rows_examined: 3\n"
    "# Rows_affected: 0  Bytes_sent: 156\n"
    "SET timestamp=1795335160;\n"
    "select * from p where name='O\\'Brien';\n"
)
_AUDIT = (
    "20261122 17:12:40,db1,app,10.0.0.5,3,0,CONNECT,clinic,,0\n"
    "20261122 17:12:40,db1,app,10.0.0.5,3,7,READ,clinic,p,\n"
    "20261122 17:12:40,db1,app,10.0.0.5,3,7,QUERY,clinic,"
    "'select *\\nfrom p where a=\\'O\\\\\\'Brien, x\\'',0\n"
    "20261122 17:12:40,db1,app,10.0.0.5,3,9,QUERY,clinic,'select nope from p',1054\n"
    "20261122 17:12:40,db1,bad,10.0.0.9,6,0,FAILED_CONNECT,,,1045\n"
    "1795335160123456,db1,app,10.0.0.5,3,10,QUERY,clinic,'select 1',0\n"
)
AT_US = 1_795_335_160_000_000


def _read(folder: Path, content: str | bytes, name: str = "mysql/some.log") -> Tables:
    tables = Desk(folder).read_one(content, name)
    check_every_line_stands_once(tables)
    return tables


def _told(tables: Tables, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(record[name] for name in names) for record in tables.records]


def test_general_log_of_mariadb_is_read(tmp_path: Path) -> None:
    tables = _read(tmp_path, _MARIADB)
    assert tables.readings[0]["source_format"] == "mysql-general"
    assert not tables.unread
    told = _told(tables, "record_kind", "activity_name", "database_session_uid", "query_text")
    assert told == [
        ("sql-message", "started", None, None),
        ("sql-connection", "authorized", "3", None),
        ("sql-statement", "statement", "3", "select *\nfrom p\n\n  where id>1"),
        ("sql-connection", "refused", "4", None),
        ("sql-message", "init db", "3", None),
        ("sql-message", "prepare", "3", None),
        ("sql-statement", "execute", "3", "select * from p where id=7"),
        ("sql-message", "close stmt", "3", None),
        ("sql-message", "started", None, None),
        ("sql-connection", "ended", "3", None),
    ]
    connected = tables.records[1]
    assert (connected["database_user_name"], connected["database_name"]) == ("app", "clinic")
    assert connected["src_endpoint_ip"] == "10.0.0.5"
    assert tables.records[3]["database_user_name"] == "root"
    assert tables.records[4]["database_name"] == "other"


def test_entries_of_one_second_share_the_time_written_once(tmp_path: Path) -> None:
    times = [record["time_us"] for record in _read(tmp_path, _MARIADB).records]
    first, second = AT_US - 9 * 3600_000_000, AT_US + 3600_000_000 + 1_000_000
    # Above the first time nothing says when: a second earlier, as its own time would else be written.
    assert times == [first - 1_000_000, *[first] * 3, *[second] * 6]


def test_general_log_of_mysql_has_fine_times(tmp_path: Path) -> None:
    tables = _read(tmp_path, _MYSQL)
    assert _told(tables, "time_us", "time_step_us", "activity_name")[1:] == [
        (AT_US + 123_456, 1, "authorized"),
        (AT_US + 223_456, 1, "statement"),
        (AT_US + 1_000_001, 1, "ended"),
    ]
    assert tables.records[1]["src_endpoint_ip"] == "web1"


def test_slow_log_of_mysql_gives_rows_and_errors(tmp_path: Path) -> None:
    tables = _read(tmp_path, _SLOW_MYSQL)
    assert tables.readings[0]["source_format"] == "mysql-slow"
    told = _told(tables, "query_text", "query_rows", "duration_us", "error_code", "database_session_uid")
    assert told == [
        ("SELECT * FROM p\n# a remark\nWHERE note = 'x;\ny'", 12, 2_500_000, None, "11"),
        ("SELECT nope FROM p", 0, 100, "1054", "11"),
        (None, None, 2, None, "11"),
    ]
    first, second, last = tables.records
    assert (first["time_us"], first["time_step_us"]) == (AT_US + 3_500_000, 1)
    assert (first["database_name"], first["src_endpoint_ip"]) == ("clinic", "10.0.0.5")
    assert second["traffic_out_bytes"] == 77
    assert (last["record_kind"], last["message"]) == ("sql-message", "Quit")


def test_slow_log_of_mariadb_is_timed_by_its_timestamps(tmp_path: Path) -> None:
    desk = Desk(tmp_path, zone="America/New_York")
    records = desk.read_one(_SLOW_MARIADB).records
    assert [record["time_us"] for record in records] == [AT_US + 181, AT_US + 222]
    assert [record["database_name"] for record in records] == [None, "clinic"]
    assert [record["database_session_uid"] for record in records] == ["3", "4"]
    assert records[1]["query_text"] == "select * from p where name='O\\'Brien'"
    assert (records[1]["query_rows"], records[1]["traffic_out_bytes"]) == (1, 156)


def test_timestamps_that_a_client_sets_are_not_believed(tmp_path: Path) -> None:
    faked = _SLOW_MYSQL.replace("SET timestamp=1795335164;", "SET timestamp=1600000001;")
    assert _read(tmp_path, faked).records[1]["time_us"] == AT_US + 4_000_000


def test_audit_log_is_read_with_its_errors(tmp_path: Path) -> None:
    tables = _read(tmp_path, _AUDIT)
    assert tables.readings[0]["source_format"] == "mariadb-audit"
    assert _told(tables, "record_kind", "activity_name", "query_text", "error_code") == [
        ("sql-connection", "authorized", None, None),
        ("sql-audit", "READ", None, None),
        ("sql-audit", "statement", "select *\nfrom p where a='O\\'Brien, x'", None),
        ("sql-audit", "statement", "select nope from p", "1054"),
        ("sql-connection", "refused", None, "1045"),
        ("sql-audit", "statement", "select 1", None),
    ]
    assert tables.records[1]["query_objects"] == "clinic.p"
    assert tables.records[5]["time_us"] == AT_US + 123_456


@pytest.mark.parametrize(("written", "cut"), [(1024, True), (1022, True), (900, False), (1100, False)])
def test_statements_as_long_as_a_limit_may_be_cut(written: int, cut: bool, tmp_path: Path) -> None:
    text = f"select * from p where a={'1' * (written - 24)}"
    line = f"20261122 17:12:40,db1,app,10.0.0.5,3,7,QUERY,clinic,'{text}',0\n"
    record = _read(tmp_path, line).records[0]
    assert ("text_cut" in (record["unmapped"] or "")) is cut


_FAKE = "261122  8:00:00\t    12 Query\tselect 1"


def test_a_statement_that_holds_a_line_of_the_log_may_be_cut(tmp_path: Path) -> None:
    tables = _read(tmp_path, f"{_MARIADB}\t\t     3 Query\tselect * from p where a='x\n{_FAKE}\n'\n")
    whole, inside = tables.records[-2:]
    assert whole["unmapped"] == '{"text_cut":true}'
    assert inside["database_session_uid"] == "12"
    # A time from within a statement is not that of what follows it.
    assert inside["time_us"] == whole["time_us"]


def test_a_stray_quote_is_no_cut_statement(tmp_path: Path) -> None:
    stray = "\t\t     3 Query\tselect * from p where a='5''\n"
    tables = _read(tmp_path, f"{_MARIADB}{stray}\t\t     3 Query\tselect * from p where a='5'\n")
    assert [record["unmapped"] for record in tables.records] == [None] * len(tables.records)
    assert is_open("select 'a\\'")
    assert not is_open("select 'it''s', \"a'\", `b'` -- don't\n, 1 /* don't */ # don't")
    assert not may_go_on("select 'a", "select 1")
    # An injection's first probe, and the next: together a parser reads them, no server would.
    probe = """select a from p where a like '%x%'.",()(.,)' and '%'='%' limit 20"""
    after = """\t\t    12 Query\tselect a from p where a like '%x%''Ig<'">bS and '%'='%' limit 20"""
    assert is_open(probe)
    assert not may_go_on(probe, after)


def test_a_slow_statement_without_its_end_is_cut(tmp_path: Path) -> None:
    fake = "# User@Host: a[a] @ b []\n# Query_time: 1 Lock_time: 0 Rows_sent: 0 Rows_examined: 0\n"
    faked = _SLOW_MYSQL.replace("note = 'x;\ny';\n", f"note = 'x\n{fake}SET timestamp=1795335161;\n';\n")
    tables = _read(tmp_path, faked)
    assert [bool(record["unmapped"]) for record in tables.records] == [True, False, False, False]


def test_hostile_bytes_cost_their_own_entries_only(tmp_path: Path) -> None:
    body = b"\t\t     3 Query\tselect '\x00\xff\xfe\x1b[2J'\r\n\t\t   3 Nonsense\tselect 2\n\x00\n"
    tables = _read(tmp_path, _MARIADB.encode() + body + b"\t\t     3 Query\tselect 3")
    assert [record["query_text"] for record in tables.records[-2:]] == [
        "select '\x00\ufffd\ufffd\x1b[2J'\n\t\t   3 Nonsense\tselect 2\n\x00",
        "select 3",
    ]


def test_an_entry_too_long_leaves_the_time_to_the_next(tmp_path: Path) -> None:
    long = f"261122 18:00:00\t     3 Query\tinsert into p values ('{'x' * 9_000_000}')\n"
    more = "".join(f"\t\t     3 Query\tselect {'1' * 90_000}\n" for _ in range(60))
    tables = _read(tmp_path, f"{_MARIADB}{long}{more}\t\t     3 Query\tselect 2\n")
    assert [(row["reason"], row["line_first"]) for row in tables.unread] == [("too-long", 18)]
    later = {record["time_us"] for record in tables.records if record["line_first"] > 18}
    assert later == {AT_US + 47 * 60_000_000 + 20_000_000}
    assert len(tables.records) == 10 + 61


@pytest.mark.slow
@settings(max_examples=20)
@given(st.lists(st.sampled_from([*_MARIADB.splitlines(), *_SLOW_MARIADB.splitlines(), "", "# Time: x", "'"])))
def test_no_line_is_lost_however_logs_are_mixed(tmp_path_factory: Any, lines: list[str]) -> None:
    content = "".join(f"{line}\n" for line in lines)
    check_every_line_stands_once(Desk(tmp_path_factory.mktemp("mixed")).read_one(content))


def test_users_of_brackets_cost_no_time() -> None:
    assert mysql_slow._USER.fullmatch(f"# User@Host: {'[' * 200_000}") is None
    assert mysql_slow._USER.fullmatch(f"# User@Host: {'a[b] @ ' * 50_000}") is None


def test_error_lines_without_threads_are_others() -> None:
    parser = MysqlErrors(Clock(ZoneInfo("UTC")))
    assert parser.row_of(b"2026-06-08 10:00:00 [Error] user=3 viewed customer=5") is None
    assert parser.row_of(b"2026-06-08 10:00:00 7 [ERROR] Out of memory") is not None
