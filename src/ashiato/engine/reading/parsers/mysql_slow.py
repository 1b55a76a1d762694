r"""The slow query log of MySQL, Percona Server and MariaDB: each statement with its time and row counts.

Lines that begin with ``# `` say who ran it, how long it took, how many rows it sent; then come ``use db;``
where the database is another than before, ``SET timestamp=...;`` and the statement, closed by ``;``.
The time is when the statement ended. The timestamp is when it began, on no zone, but a client can set it:
it counts where it agrees with the time written but for the zone.

Sources: MySQL 8.0 manual "The Slow Query Log", MariaDB Knowledge Base "Slow Query Log Extended Statistics",
MariaDB 10.11's own files (2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ashiato.engine.reading.parsers.mysql_entries import CUT, EntryParser, Lines, Row, peer_of, server_row
from ashiato.engine.reading.times import SECOND_US, Moment

_TIME, _WHO, _TOOK = b"# Time: ", b"# User@Host: ", b"# Query_time: "
_STAMP = re.compile(r"# Time: (\S+(?: +\d{1,2}:\d\d:\d\d(?:\.\d+)?)?)")
_USER = re.compile(
    r"# User@Host: (?P<user>[^\[]*)\[(?P<acting>[^\]]*)\] @ (?P<host>[^\[]*?) ?\[(?P<address>[^\]]*)\]"
    r"(?:\s+Id:\s*(?P<thread>\d+))?\s*"
)
_FIELD = re.compile(r"(?<=[ #])(\w+): (\S+)(?= |$)")
_SET = re.compile(r"SET timestamp=(\d{9,11})(?:\.\d{1,6})?;")
_USE = re.compile(r"use `?(.*?)`?;")
_COMMAND = re.compile(r"# administrator command: (.*?);?")
# Writes send no rows; what counts is how many they changed, which MySQL itself does not say.
_WRITES = re.compile(r"(?is)\s*(?:insert|update|delete|replace|load|truncate)\b(?!.*\breturning\b)")
_LONGEST_US = 10**15
# Offsets of zones are whole quarters of an hour; times are cut to seconds, so two may lack.
_QUARTER_US, _NEAR_US = 900 * SECOND_US, 2 * SECOND_US


class MysqlSlow(EntryParser):
    """Reads each statement of a slow log as an execution that has ended."""

    name = "mysql-slow"

    def _starts(self, lines: Sequence[bytes]) -> list[int]:
        starts: list[int] = []
        for at, line in enumerate(lines):
            after = lines[at + 1] if at + 1 < len(lines) else None
            if line.startswith(_TIME):
                begins = after is None or after.startswith((_WHO, _TOOK)) or _WHO in line
            else:
                begins = line.startswith(_WHO) and (after is None or after.startswith(b"# "))
                begins = begins and not (starts and starts[-1] == at - 1 and lines[at - 1].startswith(_TIME))
            if begins or (line.endswith(b"started with:") and b", Version: " in line):
                starts.append(at)
        return starts

    def _moment(self, line: str) -> Moment | None:
        found = _STAMP.match(line)
        return self._read_time(found[1]) if found else None

    def _row(self, entry: Lines, now: Moment | None) -> Row | None:
        head, text = _parted(_apart(entry.texts))
        said = _fields(head)
        duration = _microseconds(said.get("Query_time"))
        ended = _ended(head, now, duration or 0)
        if ended is None:
            return None
        if duration is None and not any(line.startswith("# User@Host: ") for line in head):
            return server_row(entry.texts[0], ended)
        row: Row = {"time_us": ended[0], "time_step_us": ended[1]}
        return {**row, **_who(head, said), "duration_us": duration, **_ran(head, text, said)}


def _apart(texts: Sequence[str]) -> Sequence[str]:
    """An entry's lines; Percona's old patches write the time and the user on one."""
    time, mark, user = texts[0].partition(" # User@Host: ")
    return [time, f"{mark[1:]}{user}", *texts[1:]] if mark and time.startswith("# Time: ") else texts


def _parted(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part an entry's own lines from its statement's."""
    for at, line in enumerate(texts):
        if _SET.fullmatch(line):
            own = _COMMAND.match(texts[at + 1]) if at + 1 < len(texts) else None
            stop = at + 1 + (own is not None)
            return list(texts[:stop]), list(texts[stop:])
        if not line.startswith(("# ", "use ")):
            return list(texts[:at]), list(texts[at:])
    return list(texts), []


def _fields(head: Sequence[str]) -> dict[str, str]:
    told = [line for line in head if line.startswith("# ") and not line.startswith(("# Time", "# User@Host"))]
    return {name: value for line in told for name, value in _FIELD.findall(line)}


def _who(head: Sequence[str], said: dict[str, str]) -> Row:
    found = next(filter(None, (_USER.fullmatch(line) for line in head)), None)
    used = next((use[1] for line in head if (use := _USE.fullmatch(line))), None)
    who: Row = {
        "database_session_uid": said.get("Thread_id"),
        "database_name": said.get("Schema") or used,
        "traffic_out_bytes": _number(said.get("Bytes_sent")),
    }
    if found is None:
        return who
    who["database_session_uid"] = who["database_session_uid"] or found["thread"]
    who["database_user_name"] = found["user"] or None
    who["src_endpoint_ip"] = peer_of(found["address"] or found["host"])
    return who


def _ended(head: Sequence[str], now: Moment | None, duration: int) -> Moment | None:
    set_at = next((found[1] for line in head if (found := _SET.fullmatch(line))), None)
    if set_at is None:
        return now
    ended = int(set_at) * SECOND_US + duration
    if now is None:
        return ended, SECOND_US
    agrees = (now[0] - ended + _NEAR_US) % _QUARTER_US <= 2 * _NEAR_US
    # Where the zone is right, too, the time written is the finer one.
    told_finer = now[1] < SECOND_US and abs(now[0] - ended) <= _NEAR_US
    return (ended, SECOND_US) if agrees and not told_finer else now


def _ran(head: Sequence[str], text: Sequence[str], said: dict[str, str]) -> Row:
    command = next((found[1] for line in head if (found := _COMMAND.fullmatch(line))), None)
    if command is not None or not text:
        told = {"activity_name": (command or "nothing").lower(), "message": command}
        return {"record_kind": "sql-message", **told}
    statement = "\n".join(text).rstrip()
    row: Row = {
        "record_kind": "sql-statement",
        "activity_name": "statement",
        "query_text": statement.removesuffix(";"),
        "query_rows": _number(said.get("Rows_affected" if _WRITES.match(statement) else "Rows_sent")),
    }
    if not statement.endswith(";"):
        row["unmapped"] = CUT
    code = said.get("Last_errno") or said.get("Errno")
    if code not in (None, "0"):
        row |= {"error_code": code, "status": "failure"}
    return row


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 19 else None


def _microseconds(text: str | None) -> int | None:
    try:
        whole = float(text) * 1e6 if text is not None else -1.0
    except ValueError:
        return None
    return round(whole) if 0 <= whole < _LONGEST_US else None
