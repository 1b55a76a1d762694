"""From PostgreSQL log entries, in whatever format they came, to columns of ``records``."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.reading.parser import Columns, Parsed, all_same, columns_of, merged, text_array
from ashiato.engine.reading.parsers.postgres_messages import (
    BARE_DURATION,
    GRAVE,
    STATEMENT_BEGINS,
    ServerMessage,
    interpret,
)
from ashiato.engine.reading.web_columns import whole_numbers

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
    by_name = dict(zip(Entry._fields, zip(*entries, strict=True), strict=True))
    times = {name: pa.array(by_name.pop(name), _WHOLE) for name in ("time_us", "time_step_us")}
    said = {name: text_array(column) for name, column in by_name.items()}
    return times | columns_of_texts(said, len(entries))


def columns_of_texts(said: Columns, rows: int) -> Columns:
    """The columns that entries fill, given each part of theirs (see :class:`Entry`) as one text array.

    Bare durations and bare statements, most of any log, are read together; the rest one by one.
    """
    plain = _without(said, ("detail", "hint", "context"), rows)
    message = said["message"].fill_null("")
    plain = pc.and_(plain, pc.invert(pc.is_in(said["severity"], pa.array(sorted(GRAVE)))))
    bare = pc.and_(plain, pc.match_substring_regex(message, BARE_DURATION))
    statement = pc.and_(plain, pc.starts_with(message, STATEMENT_BEGINS))
    other = pc.invert(pc.or_(bare, statement))
    parts = (
        _part(bare, _durations(message.filter(bare))),
        _part(statement, _statements(message.filter(statement))),
        _part(other, _interpreted(said, other)),
    )
    return _with_rest(merged(merged(parts[0], parts[1]), parts[2]).columns, said, rows)


def _part(where: pa.Array, columns: Columns) -> Parsed:
    index = np.flatnonzero(where.to_numpy(zero_copy_only=False)).astype(np.int64)
    return Parsed(index, index, columns)


def _without(said: Columns, names: tuple[str, ...], rows: int) -> pa.Array:
    absent = pa.repeat(pa.scalar(value=True), rows)
    for name in names:
        if name in said:
            absent = pc.and_(absent, pc.equal(pc.binary_length(said[name].fill_null("")), 0))
    return absent


def _durations(messages: pa.Array) -> Columns:
    milliseconds = pc.cast(pc.utf8_slice_codeunits(messages, len("duration: "), -len(" ms")), pa.float64())
    microseconds = pc.cast(pc.round(pc.multiply(milliseconds, 1000.0)), pa.int64())
    return {"record_kind": all_same("sql-duration", len(messages)), "duration_us": microseconds}


def _statements(messages: pa.Array) -> Columns:
    rows = len(messages)
    return {
        "record_kind": all_same("sql-statement", rows),
        "activity_name": all_same("statement", rows),
        "query_text": pc.utf8_slice_codeunits(messages, len(STATEMENT_BEGINS)),
    }


def _interpreted(said: Columns, where: pa.Array) -> Columns:
    names = ("severity", "message", "detail", "statement", "sql_state", "hint", "context")
    nothing = pa.nulls(len(where), _TEXT)
    columns = [said.get(name, nothing).filter(where).to_pylist() for name in names]
    return columns_of([_row(*values) for values in zip(*columns, strict=True)], _TYPES)


def _row(*values: str | None) -> Row:
    severity, message, detail, statement, sql_state, hint, context = (value or None for value in values)
    row = interpret(ServerMessage(severity or "", message or "", detail, statement, sql_state))
    if context or hint or (detail and "query_binds" not in row):
        _add_rest(row, {"detail": detail, "hint": hint, "context": context})
    return row


def _with_rest(columns: Columns, said: Columns, rows: int) -> Columns:
    """Add what the entry itself tells, where its message did not."""
    coded = said.get("peer", pa.nulls(rows, _TEXT)).fill_null("").dictionary_encode()
    peers = [split_peer(peer) for peer in coded.dictionary.to_pylist()]
    told = {
        "database_user_name": _filled(said, "user", rows),
        "database_name": _filled(said, "database", rows),
        "database_application": _filled(said, "application", rows),
        "query_command": _filled(said, "command", rows),
        "database_session_uid": _filled(said, "session", rows),
        "database_session_line": whole_numbers(_filled(said, "session_line", rows), _WHOLE),
        "src_endpoint_ip": pa.array([host for host, _ in peers], _TEXT).take(coded.indices),
        "src_endpoint_port": pa.array([port for _, port in peers], _SMALL).take(coded.indices),
    }
    return columns | {
        name: pc.coalesce(columns[name], array) if name in columns else array for name, array in told.items()
    }


def _filled(said: Columns, name: str, rows: int) -> pa.Array:
    array = said.get(name, pa.nulls(rows, _TEXT))
    return pc.if_else(pc.equal(array, ""), pa.scalar(None, _TEXT), array)


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


def _add_rest(row: Row, beside: dict[str, str | None]) -> None:
    rest = orjson.loads(row["unmapped"]) if row.get("unmapped") else {}
    for name, value in beside.items():
        if value and not (name == "detail" and "query_binds" in row):
            rest[name] = value
    if rest:
        row["unmapped"] = orjson.dumps(rest).decode()
