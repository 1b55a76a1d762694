"""Audit logs of MySQL Enterprise and Percona Server: JSON, XML of the old and the new style, CSV.

One record per connection and statement. All of them name the same things in other letters; the records of
XML span lines.

Sources, read 2026-11-22: MySQL 8.4 manual, "Audit Log File Formats"; Percona Server 8.0, "Audit Log Plugin".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

import numpy as np
import orjson

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.cloud_calls import Row, address_of
from ashiato.engine.reading.json_keys import text_of_value
from ashiato.engine.reading.json_values import load_json
from ashiato.engine.reading.parser import NOTHING, Parsed, Parser
from ashiato.engine.reading.parsers.mysql_entries import typed_columns
from ashiato.engine.reading.quoted_fields import fields_of, find_records
from ashiato.engine.reading.times import Clock, Moment

_SIGNS = re.compile(
    rb'<AUDIT_RECORD|"audit_record"|"connection_id"|(?m:^"(?:Query|Connect|Quit|Execute|Audit|NoAudit)",)'
)
_CSV = re.compile(rb'(?m)^"(?:Query|Execute|Prepare)",')
_BEGINS = re.compile(r"\s*<AUDIT_RECORD(?:\s.*|>.*|/?)", re.DOTALL)
_ENDS = re.compile(r"/>\s*\Z|</AUDIT_RECORD>\s*\Z")
_ATTRIBUTE = re.compile(r'(?P<name>[A-Z_]+)="(?P<value>[^"]*)"')
_ELEMENT = re.compile(r"<(?P<name>[A-Z_]+)>(?P<value>[^<]*)</(?P=name)>")
_HEADING = re.compile(rb'\s*(?:<\?xml .*\?>|</?AUDIT>|"?Name"?,.*)\s*', re.IGNORECASE)
#: Percona's columns, in the order of its plugin's CSV; a connection has its peer where a query has words.
_CSV_NAMES = (
    "name", "record", "timestamp", "command_class", "connection_id", "status", "sqltext", "user", "host",
    "os_user", "ip", "db",
)  # fmt: skip
_CSV_PEERS = (
    "name", "record", "timestamp", "connection_id", "status", "user", "priv_user", "os_login", "proxy_user",
    "host", "ip", "db",
)  # fmt: skip
_ACCOUNT = re.compile(
    r"(?P<user>[^\[]*)\[(?P<login>[^\]]*)\] @ (?P<host>[^\[]*)\[(?P<ip>[^\]]*)\].*", re.DOTALL
)
_KEPT = ("name", "command_class", "sql_command", "os_user", "os_login", "event")
_CONNECTIONS = {
    "connect": "authorized", "change user": "authorized", "quit": "ended", "disconnect": "ended",
    "pre_authenticate": "received",
}  # fmt: skip
_LONGEST_RECORD = 2000


class MysqlAudit(Parser):
    """Reads a record of whichever of these writings."""

    name = "mysql-audit"
    many_lined = True

    def __init__(self, clock: Clock) -> None:
        """``clock`` answers for times without letters."""
        self._clock = clock

    def is_heading(self, line: bytes) -> bool:
        """Tell whether a line only opens or closes the document."""
        return _HEADING.fullmatch(line) is not None

    def cut(self, block: Block) -> int:
        """Keep what comes before a record that has not ended."""
        if not block.ended and _CSV.search(block.content):
            return find_records(block, _is_csv)[2]
        if block.ended or b"<AUDIT_RECORD" not in block.content:
            return len(block)
        for index in range(len(block) - 1, max(-1, len(block) - _LONGEST_RECORD), -1):
            text = block.line(index).decode("utf-8", "replace")
            if _ENDS.search(text):
                return index + 1
            if _BEGINS.fullmatch(text):
                return index
        return len(block)

    def parse(self, block: Block) -> Parsed:
        """Read the records."""
        if not _SIGNS.search(block.content):
            return NOTHING
        found = [
            (first, last, row)
            for first, last, said in _said_in(block)
            if (moment := self._moment(said)) is not None and (row := _row_of(said, moment)) is not None
        ]
        if not found:
            return NOTHING
        first = np.array([each[0] for each in found], np.int64)
        last = np.array([each[1] for each in found], np.int64)
        return Parsed(first, last, typed_columns([row for _, _, row in found]))

    def _moment(self, said: Mapping[str, str]) -> Moment | None:
        return self._clock.read(said.get("timestamp", ""))


def _said_in(block: Block) -> Iterator[tuple[int, int, dict[str, str]]]:
    lines = [line.decode("utf-8", "replace") for line in block.lines()]
    if not _CSV.search(block.content):
        yield from _records_in(lines)
        return
    firsts, lasts, _ = find_records(block, _is_csv)
    spans = list(zip(firsts.tolist(), lasts.tolist(), strict=True))
    for first, last, said in _records_in(["\n".join(lines[one : other + 1]) for one, other in spans]):
        yield spans[first][0], spans[last][1], said


def _is_csv(text: bytes) -> bool:
    """Whether some lines are one record of Percona's."""
    return _CSV.match(text) is not None and bool(_said_in_csv(text.decode("utf-8", "replace")))


def _records_in(lines: list[str]) -> Iterator[tuple[int, int, dict[str, str]]]:
    begun, index = -1, 0
    for index, line in enumerate(lines):
        if line.startswith("{"):
            said = _said_in_json(line)
        elif line.startswith('"'):
            said = _said_in_csv(line)
        else:
            begun = index if _BEGINS.fullmatch(line) else begun
            if begun < 0 or index - begun > _LONGEST_RECORD or not _ENDS.search(line):
                continue
            said = _said_in_xml("\n".join(lines[begun : index + 1]))
        if said:
            yield (begun if begun >= 0 and not line.startswith(("{", '"')) else index), index, said
        begun = -1


def _said_in_xml(text: str) -> dict[str, str]:
    pairs = [*_ATTRIBUTE.finditer(text), *_ELEMENT.finditer(text)]
    return {pair["name"].lower(): unescape(pair["value"]) for pair in pairs if pair["name"] != "AUDIT_RECORD"}


def _said_in_csv(line: str) -> dict[str, str]:
    values = fields_of(line)
    names = _CSV_PEERS if values and values[0] in ("Connect", "Quit", "Change user") else _CSV_NAMES
    if len(values) < len(names):
        return {}
    said = dict(zip(names, values, strict=False))
    # Percona 5.5 and 8.0 differ in which of the first three is the time.
    if not said["timestamp"][:4].isdigit():
        said["timestamp"] = said["record"].partition("_")[2]
    return said


def _said_in_json(line: str) -> dict[str, str]:
    try:
        whole = load_json(line.rstrip().rstrip(","))
    except ValueError:
        return {}
    if not isinstance(whole, dict):
        return {}
    if isinstance(record := whole.get("audit_record"), dict):
        return _texts(record)
    if not isinstance(whole.get("class"), str) or "connection_id" not in whole:
        return {}
    said = _texts({key: whole[key] for key in ("timestamp", "connection_id", "event", "class")})
    said |= _texts(_inside(whole, "account"))
    said |= {name: text for name, text in _texts(_inside(whole, "login")).items() if name in ("ip", "os")}
    for part in ("connection_data", "general_data", "table_access_data"):
        said |= _texts(_inside(whole, part))
    said["name"] = said.get("command", said["event"])
    return said


def _inside(members: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return held if isinstance(held := members.get(key), dict) else {}


def _texts(members: Mapping[str, Any]) -> dict[str, str]:
    said = {key: text_of_value(value) for key, value in members.items()}
    return {key: text for key, text in said.items() if text is not None}


def _row_of(said: Mapping[str, str], moment: Moment) -> Row | None:
    account = _ACCOUNT.fullmatch(said.get("user", ""))
    text = said.get("sqltext") or said.get("query")
    name, code = said.get("name", ""), said.get("status") or said.get("status_code") or ""
    failed = code not in ("", "0")
    row: Row = {
        "time_us": moment[0],
        "time_step_us": moment[1],
        "database_user_name": (account["user"].strip() if account else said.get("user")) or None,
        "src_endpoint_ip": address_of(said.get("ip") or (account and account["ip"]) or said.get("host")),
        "database_session_uid": said.get("connection_id"),
        "database_name": said.get("db") or None,
        "status": "failure" if failed else "success",
        "error_code": code if failed else None,
    }
    rest = {key: said[key] for key in _KEPT if said.get(key)}
    row["unmapped"] = orjson.dumps(rest).decode()
    if name.lower() in _CONNECTIONS and not text:
        done = "refused" if failed and name.lower() != "quit" else _CONNECTIONS[name.lower()]
        return row | {"record_kind": "sql-connection", "activity_name": done}
    if text:
        return row | {"record_kind": "sql-audit", "activity_name": "statement", "query_text": text}
    return row | {"record_kind": "sql-message", "message": name} if name else None
