"""Audit logs of machines and databases: whole events, with who, whence, what and how it ended."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.reading.blocks import Block, LineReader
from ashiato.engine.reading.parsers.auditd import AuditLog
from ashiato.engine.reading.parsers.mysql_audit import MysqlAudit
from ashiato.engine.reading.parsers.mysql_errors import MysqlErrors
from ashiato.engine.reading.times import Clock
from tests.engine.reading.reading_desk import Desk, check_every_line_stands_once

AUDITD = (
    "type=SYSCALL msg=audit(1778544649.250:77): arch=c000003e syscall=59 success=yes exit=0 a0=55 pid=9 "
    'auid=1000 uid=0 comm="sh" exe="/bin/dash" key=(null)\x1dAUID="ann" UID="root"\n'
    'type=EXECVE msg=audit(1778544649.250:77): argc=3 a0="sh" a1="-c" a2=6361742078\n'
    "type=PROCTITLE msg=audit(1778544649.250:77): proctitle=7368002D63\n"
    "type=USER_LOGIN msg=audit(1778544650.000:78): pid=10 uid=0 auid=4294967295 ses=1 msg='op=login "
    'acct=28756E6B6E6F776E207573657229 exe="/usr/sbin/sshd" hostname=? addr=203.0.113.9 res=failed\'\n'
)
QUERY = {
    "name": "Query", "record": "7_2026-05-12T00:00:00", "timestamp": "2026-05-12T00:10:49 UTC",
    "command_class": "select", "connection_id": "8", "status": "0", "sqltext": 'SELECT "a" < 1',
    "user": "app[app] @ web [10.0.0.2]", "host": "web", "os_user": "", "ip": "10.0.0.2", "db": "shop",
}  # fmt: skip
ENTERPRISE = {
    "timestamp": "2026-05-12 00:10:49", "id": 0, "class": "general", "event": "status", "connection_id": 8,
    "account": {"user": "app", "host": "web"}, "login": {"user": "app", "os": "", "ip": "10.0.0.2"},
    "general_data": {"command": "Query", "sql_command": "select", "query": QUERY["sqltext"], "status": 0},
}  # fmt: skip


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _csv() -> str:
    return ",".join('"{}"'.format(value.replace('"', '""')) for value in QUERY.values()) + "\n"


def _old_xml() -> str:
    pairs = "\n".join(f'  {name.upper()}="{_escaped(value)}"' for name, value in QUERY.items())
    return f'<?xml version="1.0" encoding="utf-8"?>\n<AUDIT>\n<AUDIT_RECORD\n{pairs}\n/>\n</AUDIT>\n'


def _new_xml() -> str:
    parts = "\n".join(
        f"  <{name.upper()}>{_escaped(value)}</{name.upper()}>" for name, value in QUERY.items()
    )
    return f"<AUDIT>\n <AUDIT_RECORD>\n{parts}\n </AUDIT_RECORD>\n</AUDIT>\n"


WRITINGS = {
    "json": json.dumps({"audit_record": QUERY}) + "\n", "enterprise": json.dumps(ENTERPRISE) + "\n",
    "csv": _csv(), "old": _old_xml(), "new": _new_xml(),
}  # fmt: skip


def test_lines_of_an_event_are_one_record(tmp_path: Path) -> None:
    tables = Desk(tmp_path).read_one(AUDITD)
    check_every_line_stands_once(tables)
    command, login = tables.records
    assert (command["record_kind"], command["line_first"], command["line_last"]) == ("host-audit", 1, 3)
    assert (command["message"], command["process_name"], command["actor_user_name"]) == (
        "sh -c cat x", "/bin/dash", "ann",
    )  # fmt: skip
    assert (login["record_kind"], login["status"], login["src_endpoint_ip"]) == (
        "host-sign-in", "failure", "203.0.113.9",
    )  # fmt: skip
    assert login["actor_user_name"] == "(unknown user)"


@pytest.mark.parametrize("writing", sorted(WRITINGS))
def test_each_writing_tells_the_statement(tmp_path: Path, writing: str) -> None:
    tables = Desk(tmp_path, zone="UTC").read_one(WRITINGS[writing])
    check_every_line_stands_once(tables)
    (row,) = tables.records
    assert (row["source_format"], row["record_kind"]) == ("mysql-audit", "sql-audit")
    assert (row["query_text"], row["status"]) == (QUERY["sqltext"], "success")
    assert (row["database_user_name"], row["src_endpoint_ip"]) == ("app", "10.0.0.2")
    assert (row["database_session_uid"], row["time_us"]) == ("8", 1778544649000000)
    assert {reason for *_, reason in tables.reasons()} <= {"heading"}


def test_refusals_in_error_logs_name_the_user(tmp_path: Path) -> None:
    refused = "Access denied for user 'o'neil'@'203.0.113.9' (using password: YES)"
    text = (
        f"2026-05-12T00:10:49.250000Z 25 [Note] [MY-010926] [Server] {refused}\n"
        f"2026-05-12  0:10:49 25 [Warning] {refused}\n260512  0:10:49 [Warning] {refused}\n"
        "2026-05-12T00:10:50.000000Z 0 [System] [MY-010931] [Server] ready for connections.\n"
    )
    *refusals, ready = Desk(tmp_path, zone="UTC").read_one(text).records
    assert {(row["database_user_name"], row["src_endpoint_ip"]) for row in refusals} == {
        ("o'neil", "203.0.113.9")
    }
    assert {row["time_us"] // 1_000_000 for row in refusals} == {1778544649}
    assert (ready["record_kind"], ready["error_code"]) == ("sql-message", "MY-010931")


_CLOCK = Clock(ZoneInfo("UTC"))


@given(
    st.sampled_from([AUDITD, *WRITINGS.values()]),
    st.lists(st.tuples(st.integers(0, 500), st.binary(max_size=6)), max_size=6),
    st.booleans(),
)
def test_spoilt_audits_are_read_or_left(text: str, spoils: list[tuple[int, bytes]], ended: bool) -> None:
    spoilt = (text * 2).encode()
    for at, put in spoils:
        spoilt = spoilt[: at % len(spoilt)] + put + spoilt[at % len(spoilt) + len(put) :]
    block = next(iter(LineReader(io.BytesIO(spoilt))))
    assert isinstance(block, Block)
    block = block.pick(slice(0, len(block)), ended=ended)
    for parser in (AuditLog(_CLOCK), MysqlAudit(_CLOCK), MysqlErrors(_CLOCK)):
        assert 0 <= parser.cut(block) <= len(block)
        parsed: Any = parser.parse(block)
        assert (parsed.first <= parsed.last).all()
        assert (parsed.first[1:] > parsed.last[:-1]).all()
        assert all(len(array) == len(parsed) for array in parsed.columns.values())


def test_statements_of_percona_span_lines() -> None:
    who = '"app[app] @ web1 [10.0.0.5]","web1","","10.0.0.5","shop"'
    head = '"Query","7_2026-05-12T00:00:00","2026-05-12T00:10:49 UTC","select","5",0,'
    text = f'{head}"select ""a""\n{{from m\n",{who}\n{head}"select 1",{who}\n'
    ends = np.array([at for at, byte in enumerate(text) if byte == "\n"], np.int64)
    starts = np.concatenate(([0], ends[:-1] + 1))
    block = Block(text.encode(), starts, ends, np.arange(1, len(ends) + 1), 0, ended=False, size=len(text))
    parsed = MysqlAudit(Clock(ZoneInfo("UTC"))).parse(block)
    assert parsed.columns["query_text"].to_pylist() == ['select "a"\n{from m\n', "select 1"]
    assert (parsed.first.tolist(), parsed.last.tolist()) == ([0, 3], [2, 3])
    assert MysqlAudit(Clock(ZoneInfo("UTC"))).cut(block.pick(slice(0, 2))) == 0
