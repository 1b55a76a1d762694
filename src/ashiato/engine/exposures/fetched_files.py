"""Rows that a statement wrote into a file, and that a later reply carried: the file was fetched.

``SELECT .. INTO OUTFILE '/var/www/html/o.txt'`` sends nothing by itself. Where the same intruder is given
that file afterwards, the reply carried the rows: *probable* at best, as no log says what the file held.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

from ashiato.engine.exposures.executions import Execution
from ashiato.engine.exposures.mysql_texts import file_written
from ashiato.engine.routes import RouteBook
from ashiato.engine.store import Store

#: The reason code: which reply carried the rows is told by the web log alone.
_TOLD_BY = "web-only"
#: One row per whole reply to the intruder, the earliest first. What went out is not always logged.
_FETCHED = """
SELECT h.event_id, h.start_us, i.path, h.http_request_method, h.http_request_path, h.http_request_target,
       h.http_response_code, h.http_response_body_bytes
FROM events AS h JOIN intrusion AS i ON i.event_id = h.event_id
WHERE h.event_kind = 'http' AND h.http_response_code = 200 AND h.http_request_method IN ('GET', 'POST')
  AND h.http_request_path IS NOT NULL
  AND COALESCE(h.http_response_body_bytes, h.traffic_out_bytes, 1) > 0
ORDER BY h.start_us, h.event_id
"""
_Written = Mapping[int, tuple[str, str]]


@dataclass(frozen=True)
class _Fetch:
    """One reply that may have carried a file."""

    event_id: int
    started_us: int
    path: str
    method: str
    url_path: str
    target: str | None
    code: int
    body_bytes: int | None

    def is_of(self, execution: Execution, file: str) -> bool:
        """Tell whether this reply, another one than the statement's own, was given the file it wrote."""
        place = unquote(self.url_path)
        is_there = place.startswith("/") and len(place) > 1 and f"/{file.lstrip('/')}".endswith(place)
        is_later = self.started_us >= execution.start_us and self.event_id != execution.http_event_id
        # A row in a file has an end at least.
        holds = self.body_bytes is None or self.body_bytes >= (execution.rows or 0)
        return is_there and is_later and holds and self.path == execution.path


def given_when_fetched(store: Store, executions: list[Execution], book: RouteBook) -> list[Execution]:
    """Return the statements; those that wrote a file which was fetched since, as what that reply carried."""
    written = _written(executions)
    if not written:
        return executions
    fetches = [_Fetch(*row) for row in store.rows(_FETCHED)]
    return [_given(x, written, fetches, book) for x in executions]


def _written(executions: list[Execution]) -> _Written:
    """Return each file and what was written to it, by the statement's event: a server writes over none."""
    found: dict[int, tuple[str, str]] = {}
    for execution in sorted(executions, key=lambda one: (one.start_us, one.event_id)):
        held = file_written(execution.text) if execution.error_code is None else None
        if held is not None and held[0] not in {file for file, _ in found.values()}:
            found[execution.event_id] = held
    return found


def _given(execution: Execution, written: _Written, fetches: list[_Fetch], book: RouteBook) -> Execution:
    """Return a statement as what the first reply carried that was given its file."""
    file, text = written.get(execution.event_id, ("", ""))
    fetch = next((one for one in fetches if one.is_of(execution, file)), None) if file else None
    if fetch is None:
        return execution
    return replace(
        execution,
        text=text,
        http_event_id=fetch.event_id,
        target=fetch.target,
        code=fetch.code,
        route=book.find(fetch.method, fetch.url_path),
        body_bytes=fetch.body_bytes,
        pooled=False,
        carries=True,
        usual=False,
        note=_TOLD_BY,
    )
