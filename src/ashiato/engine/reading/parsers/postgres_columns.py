"""From PostgreSQL log entries, in whatever format they came, to columns of ``records``."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
import pyarrow as pa

from ashiato.engine.reading.parser import Columns, columns_of
from ashiato.engine.reading.parsers.postgres_messages import ServerMessage, interpret

Row = dict[str, Any]

_TEXT, _WHOLE, _SMALL = pa.string(), pa.int64(), pa.int32()
_TYPES: dict[str, pa.DataType] = {
    "record_kind": _TEXT, "time_us": _WHOLE, "time_step_us": _WHOLE, "src_endpoint_ip": _TEXT,
    "src_endpoint_port": _SMALL, "duration_us": _WHOLE, "activity_name": _TEXT, "status": _TEXT,
    "database_user_name": _TEXT, "database_name": _TEXT, "database_session_uid": _TEXT,
    "database_session_line": _WHOLE, "database_application": _TEXT, "query_text": _TEXT,
    "query_binds": _TEXT, "query_command": _TEXT, "query_rows": _WHOLE, "query_objects": _TEXT,
    "error_code": _TEXT, "error_text": _TEXT, "message": _TEXT, "unmapped": _TEXT,
}  # fmt: skip


class Entry(NamedTuple):
    """One log entry's parts; None where the format or the line prefix has none."""

    time_us: int
    time_step_us: int
    user: str | None
    database: str | None
    peer: str | None
    session: str | None
    session_line: str | None
    command: str | None
    severity: str
    sql_state: str | None
    message: str
    detail: str | None
    hint: str | None
    context: str | None
    statement: str | None
    application: str | None


def columns_of_entries(entries: list[Entry]) -> Columns:
    """The columns the entries fill, one value per entry."""
    return columns_of([_row(entry) for entry in entries], _TYPES)


def _row(entry: Entry) -> Row:
    said = ServerMessage(entry.severity, entry.message or "", entry.detail, entry.statement, entry.sql_state)
    row = interpret(said)
    row["time_us"], row["time_step_us"] = entry.time_us, entry.time_step_us
    _fill(row, "database_user_name", entry.user)
    _fill(row, "database_name", entry.database)
    _fill(row, "database_application", entry.application)
    _fill(row, "query_command", entry.command)
    row["database_session_uid"] = entry.session
    line = entry.session_line
    row["database_session_line"] = int(line) if line and line.isdigit() and len(line) < 19 else None
    if entry.peer and row.get("src_endpoint_ip") is None:
        row["src_endpoint_ip"], row["src_endpoint_port"] = split_peer(entry.peer)
    if entry.context or entry.hint or (entry.detail and "query_binds" not in row):
        _add_rest(row, entry)
    return row


def split_peer(text: str) -> tuple[str | None, int | None]:
    """Split ``host:port`` or ``host(port)``; a local socket has no address."""
    if text.startswith("[local]") or text == "local":
        return None, None
    if text.endswith(")") and "(" in text:
        host, _, port = text[:-1].rpartition("(")
    else:
        host, colon, port = text.rpartition(":")
        if not colon or (":" in host and not host.endswith("]")):
            host, port = (host, port) if _is_port_of_v6(host, port) else (text, "")
    return host or None, int(port) if port.isdigit() and len(port) < 6 else None


def _is_port_of_v6(host: str, port: str) -> bool:
    # csvlog writes IPv6 peers as address:port without brackets; eight groups are then complete.
    return port.isdigit() and (
        host.count(":") == 7 or host.endswith("::") or ("::" in host and len(port) > 4)
    )


def _fill(row: Row, name: str, value: str | None) -> None:
    if value and row.get(name) is None:
        row[name] = value


def _add_rest(row: Row, entry: Entry) -> None:
    rest = orjson.loads(row["unmapped"]) if row.get("unmapped") else {}
    detail = None if "query_binds" in row else entry.detail
    for name, value in (("detail", detail), ("hint", entry.hint), ("context", entry.context)):
        if value:
            rest[name] = value
    if rest:
        row["unmapped"] = orjson.dumps(rest).decode()
