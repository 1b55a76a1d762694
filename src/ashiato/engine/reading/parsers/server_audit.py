r"""MariaDB's server_audit plugin, as a file: one line per connection, statement and table touched.

``20261122 08:16:12,host,user,peer,connection,query,QUERY,database,'statement',error``; within the quotes
line ends, tabs, quotes and backslashes are escaped. Statements are cut at ``server_audit_query_log_limit``
(1024 bytes unless set otherwise), which the line does not say. Aurora writes microseconds since 1970.

Sources: MariaDB Knowledge Base "MariaDB Audit Plugin - Log Format", MariaDB 10.11's own files (2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import orjson

from ashiato.engine.reading.cloud_calls import Row
from ashiato.engine.reading.parser import Columns
from ashiato.engine.reading.parsers.mysql_entries import peer_of, typed_columns
from ashiato.engine.reading.rows import RowParser

_LINE = re.compile(
    rb"(?P<day>\d{8}) (?P<time>\d\d:\d\d:\d\d),(?P<rest>.*)|(?P<epoch>\d{16}),(?P<since>.*)", re.DOTALL
)
_SAID = re.compile(
    r"[^,]*,(?P<user>.*?),(?P<host>[^,]*),(?P<connection>\d+),(?P<query>\d+),(?P<operation>[A-Z_]{4,20}),"
    r"(?P<database>[^,]*),(?P<object>.*?),(?P<code>\d*)",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "0": "\0", "Z": "\x1a"}
_CONNECTIONS = {
    "CONNECT": "authorized", "FAILED_CONNECT": "refused", "DISCONNECT": "ended", "CHANGEUSER": "authorized",
    "PROXY_CONNECT": "authorized",
}  # fmt: skip
_TOUCHED = frozenset({"READ", "WRITE", "CREATE", "ALTER", "RENAME", "DROP"})
# Limits in use are round; what is cut stops up to two bytes before one, not to halve an escape.
_FEWEST_CUT, _ROUND, _SHORT_BY = 500, (500, 512), (0, 1, 2)


class ServerAudit(RowParser):
    """Reads a line as a connection, a statement's end or a table that a statement touched."""

    name = "mariadb-audit"

    def row_of(self, line: bytes) -> Row | None:
        """Return what a line says."""
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        said = _SAID.fullmatch((found["rest"] or found["since"] or b"").decode("utf-8", "replace"))
        moment = self._clock.read(_moment_of(found))
        if said is None or moment is None:
            return None
        row: Row = {
            "time_us": moment[0],
            "time_step_us": moment[1],
            "database_user_name": said["user"] or None,
            "src_endpoint_ip": peer_of(said["host"]),
            "database_session_uid": said["connection"],
        }
        told = _told(said)
        return None if told is None else row | told

    def columns_of(self, rows: Sequence[Row]) -> Columns:
        """Return the rows' values as arrays."""
        return typed_columns(rows)


def _moment_of(found: re.Match[bytes]) -> str:
    if found["epoch"]:
        return found["epoch"].decode()
    day = found["day"].decode()
    return f"{day[:4]}-{day[4:6]}-{day[6:]} {found['time'].decode()}"


def _told(said: re.Match[str]) -> Row | None:
    operation, code = said["operation"], said["code"]
    if operation in _CONNECTIONS:
        failed = code not in ("", "0")
        return {
            "record_kind": "sql-connection",
            "activity_name": _CONNECTIONS[operation],
            "database_name": said["database"] or None,
            "status": "failure" if failed else "success",
            "error_code": code if failed else None,
        }
    beside: dict[str, object] = {"query_id": int(said["query"]) if len(said["query"]) < 16 else said["query"]}
    if operation in _TOUCHED and not code:
        return {
            "record_kind": "sql-audit",
            "activity_name": operation,
            "query_objects": f"{said['database']}.{said['object']}",
            "unmapped": orjson.dumps(beside).decode(),
        }
    held = said["object"]
    if len(held) < 2 or not held.startswith("'") or not held.endswith("'") or not code:
        return None
    return {"database_name": said["database"] or None, **_statement(held[1:-1], code, beside)}


def _statement(held: str, code: str, beside: dict[str, object]) -> Row:
    if _is_cut(held):
        beside["text_cut"] = True
    return {
        "record_kind": "sql-audit",
        "activity_name": "statement",
        "query_text": _ESCAPED.sub(lambda found: _LETTERS.get(found[1], found[1]), held),
        "status": "success" if code == "0" else "failure",
        "error_code": None if code == "0" else code,
        "unmapped": orjson.dumps(beside).decode(),
    }


def _is_cut(held: str) -> bool:
    """Tell whether a statement's length is what a limit would leave of a longer one."""
    size = len(held.encode())
    return size >= _FEWEST_CUT and any((size + short) % limit == 0 for short in _SHORT_BY for limit in _ROUND)
