"""Statements that run others: what an EXECUTE or a FETCH reached, by what its connection prepared before.

Also texts of several statements, each of which is an execution of its own, and those that read nothing.
Connections are walked from their beginning, whoever ran what: a pooled connection's statement may have been
prepared for an honest request. What was prepared or declared and not seen to run may have run unlogged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import orjson
import pyarrow as pa

from ashiato.engine.exposures.executions import Execution
from ashiato.engine.exposures.sessions.pieces import word_of
from ashiato.engine.exposures.sessions.walking import Connection, Ran, Said
from ashiato.engine.store import Row, Store

#: Numbers of executions that are parts of a logged text; those of web replies count down from -1.
_FIRST_PART = -(1 << 40)
_COMMAND = re.compile(r"(?i)\b(?:prepare|execute|declare|fetch|move|close|deallocate|discard)\b")

# One statement that neither prepares nor runs another.
_ALONE = re.compile(r"(?i)\s*(?:select|insert|update|delete)\b[^;]*+[; \n\t\r]*+\Z")

# A log that names no connections is read as one for each of its users' programs.
_SESSION = (
    "COALESCE(e.database_session_uid, "
    "COALESCE(e.database_user_name, '') || ' ' || COALESCE(e.database_application, ''))"
)
_SAID = f"""
WITH said AS (
  SELECT {_SESSION} AS session, e.event_id, e.start_us, e.query_text, e.query_rows,
         e.error_code, e.error_text, e.query_command, e.unmapped
  FROM events AS e WHERE e.event_kind = 'sql' AND e.query_text IS NOT NULL
)
SELECT said.* FROM said
JOIN (SELECT DISTINCT s.session FROM said AS s JOIN holding AS h ON h.event_id = s.event_id) AS held
  ON held.session = said.session
ORDER BY said.event_id
"""


def open_statements(store: Store, executions: list[Execution], dialect: str) -> list[Execution]:
    """Return the executions with what they ran in place of the commands that ran it."""
    wanted = {x.event_id for x in executions if _COMMAND.search(x.text)}
    ran = texts_run(store, wanted, dialect) if wanted else {}
    parts = iter(range(_FIRST_PART, 0))
    opened: list[Execution] = []
    for x in executions:
        if x.event_id not in ran and _ALONE.match(x.text):
            opened.append(x)
        else:
            opened += _opened(x, _ran_by(x, ran, dialect), parts)
    return opened


def _ran_by(execution: Execution, ran: dict[int, list[Ran]], dialect: str) -> list[Ran]:
    found = ran.get(execution.event_id)
    if found is not None:
        return found
    return Connection(dialect).run(_alone(execution))


def _alone(execution: Execution) -> Said:
    return Said(execution.event_id, execution.start_us, execution.text)


def _opened(execution: Execution, ran: list[Ran], parts: Iterator[int]) -> Iterator[Execution]:
    if len(ran) == 1:
        yield _as_ran(execution, ran[0])
        return
    for one in ran:
        part = replace(execution, event_id=next(parts), event=execution.event_id, rows=None)
        yield _as_ran(_perhaps_failed(part), one)


def _perhaps_failed(part: Execution) -> Execution:
    """Return one of several statements of a text: which of them the error was of is not told.

    A text is held against PostgreSQL's syntax (42601) before any of it runs.
    """
    if part.error_code in (None, "42601"):
        return part
    return replace(part, error_code=None, error_text=part.error_text or part.error_code)


def _as_ran(execution: Execution, ran: Ran) -> Execution:
    if ran == Ran(execution.text):
        return execution
    start_us = execution.start_us if ran.start_us is None else ran.start_us
    note, lent = execution.note or ran.note, execution.lent or ran.lent
    # What others run of the same words need not be the same statement.
    return replace(execution, text=ran.text, start_us=start_us, note=note, lent=lent, usual=False)


def texts_run(store: Store, wanted: Iterable[int], dialect: str) -> dict[int, list[Ran]]:
    """Walk through the connections of these events; returns what each event of theirs ran."""
    store.write_as("holding", pa.table({"event_id": pa.array(sorted(wanted), pa.int64())}))
    held: dict[str, Connection] = {}
    ran: dict[int, list[Ran]] = {}
    for row in store.rows(_SAID):
        said = _said(row)
        connection = held.setdefault(row[0], Connection(dialect))
        if _COMMAND.search(said.text) or word_of(said.text)[0] in _ENDING:
            ran[said.event_id] = connection.run(said)
    for connection in held.values():
        for event_id, unseen in connection.ends():
            ran[event_id] = [*ran.get(event_id, []), unseen]
    return ran


_ENDING = frozenset({"commit", "end", "rollback", "abort", "set"})


def _said(row: Row) -> Said:
    _, event_id, start_us, text, rows, error_code, error_text, command, unmapped = row
    failed = error_code is not None or error_text is not None
    return Said(event_id, start_us, text, rows, failed, command, _prepared(unmapped))


def _prepared(unmapped: str | None) -> str | None:
    """Return the statement that a server names beside an EXECUTE of it."""
    if not unmapped or '"prepare"' not in unmapped:
        return None
    said = orjson.loads(unmapped).get("prepare")
    return said if isinstance(said, str) else None


__all__ = ["open_statements", "texts_run"]
