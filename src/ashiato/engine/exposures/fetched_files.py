"""Rows that a statement wrote into a file, and that a later reply carried: the file was fetched.

``SELECT .. INTO OUTFILE '/var/www/html/o.txt'`` sends nothing by itself. Where the same intruder is given a
file of that name afterwards, that reply carried the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ashiato.engine.exposures.executions import Execution
from ashiato.engine.exposures.mysql_texts import file_written
from ashiato.engine.routes import RouteBook
from ashiato.engine.store import Store

#: Whole replies to the intruder, as they began. What went out is not always logged.
_FETCHED = """
SELECT h.event_id, h.start_us, h.end_us + COALESCE(h.time_step_us, 0), i.path, h.http_request_method,
       h.http_request_path, h.http_request_target, h.http_response_code, h.http_response_body_bytes
FROM events AS h JOIN intrusion AS i ON i.event_id = h.event_id
WHERE h.event_kind = 'http' AND h.http_response_code = 200 AND h.http_request_method IN ('GET', 'POST')
  AND h.http_request_path IS NOT NULL
  AND COALESCE(h.http_response_body_bytes, h.traffic_out_bytes, 1) > 0
ORDER BY h.start_us, h.event_id
"""


@dataclass(frozen=True)
class _Fetch:
    """One reply that carried a file; ``ended_us``: when it was over at the latest."""

    event_id: int
    started_us: int
    ended_us: int
    path: str
    method: str
    url_path: str
    target: str | None
    code: int
    body_bytes: int | None


def given_when_fetched(store: Store, executions: list[Execution], book: RouteBook) -> list[Execution]:
    """Return the statements; those that wrote a file which was fetched since, as what that reply carried."""
    written = {x.event_id: found for x in executions if (found := file_written(x.text)) is not None}
    if not written:
        return executions
    fetches: dict[str, list[_Fetch]] = defaultdict(list)
    for fetch in (_Fetch(*row) for row in store.rows(_FETCHED)):
        fetches[fetch.url_path.rpartition("/")[2]].append(fetch)
    return [_given(x, written, fetches, book) for x in executions]


def _given(
    execution: Execution,
    written: Mapping[int, tuple[str, str]],
    fetches: Mapping[str, Iterable[_Fetch]],
    book: RouteBook,
) -> Execution:
    name, text = written.get(execution.event_id, ("", ""))
    later = (
        fetch
        for fetch in fetches.get(name, ())
        if fetch.path == execution.path and fetch.ended_us >= execution.start_us
    )
    fetch = next(later, None) if name else None
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
    )
