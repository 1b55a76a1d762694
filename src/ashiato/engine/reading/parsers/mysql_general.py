r"""The general query log of MySQL (all versions) and MariaDB.

``261122  8:12:40<TAB>     3 Query<TAB>select 1`` or ``2026-11-22T08:12:40.123456Z<TAB>   3 Query<TAB>...``;
before 5.7 and in MariaDB an entry of the same second has two tabs in place of its time. A server that
starts, or begins a new log, writes three lines of its own.

Sources: MySQL 8.0 manual "The General Query Log", MariaDB 10.11's own files (2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ashiato.engine.reading.parsers.mysql_entries import EntryParser, Lines, Row, peer_of, server_row
from ashiato.engine.reading.times import Moment

_TIME = r"(?:\d{6} +\d{1,2}:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))"
_COMMANDS = (
    "Query", "Execute", "Connect", "Quit", "Init DB", "Prepare", "Close stmt", "Reset stmt", "Field List",
    "Statistics", "Ping", "Processlist", "Kill", "Refresh", "Shutdown", "Change user", "Set option",
    "Long Data", "Fetch", "Create DB", "Drop DB", "Debug", "Time", "Delayed insert", "Binlog Dump GTID",
    "Binlog Dump", "Table Dump", "Connect Out", "Register Slave", "Register Replica", "Daemon", "Sleep",
    "Reset Connection", "Clone", "Bulk_execute", "Slave_IO", "Slave_SQL", "Slave_worker", "Error",
    "Group Replication Data Stream subscription", "Com_multi", "Unimpl get tid", "Reset connection",
)  # fmt: skip
_WORDS = "|".join(sorted(_COMMANDS, key=len, reverse=True))
# A tab stands behind the command; up to MySQL 5.0 blanks fill it up.
_BEGINS = re.compile(rf"(?:{_TIME}| *\t)\t? *\d+ (?:{_WORDS})(?:\t|  |$)".encode())
_ENTRY = re.compile(
    rf"(?P<time>{_TIME}|)\s*(?P<thread>\d+) (?P<command>{_WORDS})(?:(?:\t| {{2,}})(?P<said>.*))?",
    re.DOTALL,
)
_STAMP = re.compile(rf"({_TIME})[\t ]")
_SERVER = re.compile(rb".{1,300}, Version: .{1,200}started with:\s*$")
_PORT = re.compile(rb"Tcp port: ?\d+ +Unix socket: ")
_TITLES = re.compile(rb"Time\s+Id\s+Command\s+Argument")
_CONNECT = re.compile(
    r"(?P<user>.*?)@(?P<host>\S*)(?: as (?P<acting>\S*))? on ?(?P<database>.*?)(?: using (?P<way>.+))?",
    re.DOTALL,
)
_DENIED = re.compile(r"Access denied for user '(?P<user>.*)'@'(?P<host>[^']*)'.*", re.DOTALL)


class MysqlGeneral(EntryParser):
    """Reads connections, statements and the other commands of each connection."""

    name = "mysql-general"

    def _starts(self, lines: Sequence[bytes]) -> list[int]:
        servers = [
            at
            for at, line in enumerate(lines)
            if line.endswith(b"started with:") and _is_server(lines[at : at + 3])
        ]
        inside = {at + beyond for at in servers for beyond in (1, 2)}
        begun = (at for at, line in enumerate(lines) if at not in inside and _BEGINS.match(line))
        return sorted({*servers, *begun})

    def _moment(self, line: str) -> Moment | None:
        found = _STAMP.match(line)
        return self._read_time(found[1]) if found else None

    def _row(self, entry: Lines, now: Moment | None) -> Row | None:
        if now is None:
            return None
        found = _ENTRY.fullmatch("\n".join(entry.texts))
        if found is None:
            return server_row(entry.texts[0], now)
        row: Row = {"time_us": now[0], "time_step_us": now[1], "database_session_uid": found["thread"]}
        return row | _said(found["command"], found["said"] or "")


def _is_server(lines: Sequence[bytes]) -> bool:
    """Tell whether these lines, fewer at a block's end, are those a server begins a log with."""
    looks = zip((_SERVER, _PORT, _TITLES), lines, strict=False)
    return all(look.match(line) for look, line in looks)


def _said(command: str, said: str) -> Row:
    if command in ("Query", "Execute"):
        step = "statement" if command == "Query" else "execute"
        return {"record_kind": "sql-statement", "activity_name": step, "query_text": said}
    if command in ("Connect", "Change user"):
        return _connected(said)
    if command == "Quit":
        return {"record_kind": "sql-connection", "activity_name": "ended"}
    row: Row = {"record_kind": "sql-message", "activity_name": command.lower(), "message": said or command}
    if command == "Init DB":
        row["database_name"] = said or None
    return row


def _connected(said: str) -> Row:
    row: Row = {"record_kind": "sql-connection"}
    if denied := _DENIED.fullmatch(said):
        who = {"database_user_name": denied["user"], "src_endpoint_ip": peer_of(denied["host"])}
        return {**row, "activity_name": "refused", "status": "failure", "error_text": said, **who}
    found = _CONNECT.fullmatch(said)
    if found is None:
        return {**row, "activity_name": "authorized", "status": "success", "message": said}
    return {
        **row,
        "activity_name": "authorized",
        "status": "success",
        "database_user_name": found["user"] or None,
        "src_endpoint_ip": peer_of(found["host"]),
        "database_name": found["database"] or None,
    }
