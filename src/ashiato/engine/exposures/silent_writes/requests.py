"""Requests in silent stretches that may have written: by what others of their kind ran elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ashiato.engine.exposures.deeds import WORDS
from ashiato.engine.exposures.silences import Silence, find_silences
from ashiato.engine.routes import TEMPLATE_SQL
from ashiato.engine.store import Station, Store, quote_text

#: A request may have begun so long before its reply was logged, and write so long after it.
_BEFORE_US, _AFTER_US = 5_000_000, 1_000_000
#: A kind of which fewer requests wrote than this writes if one of those writes is surely its own.
_LEAST_SHARE = 0.05
#: A kind asked for so often while statements were logged, without a write, writes nothing.
_SEEN_OFTEN = 3
#: Methods that by their meaning leave everything as it is.
_SAFE = ("GET", "HEAD", "OPTIONS")
#: Of a request by one of them a write that may as well be another's is none; a rare one is its own if sure.
_LIKELY, _SURE = 0.5, 0.9
#: Replies of a server that knows no such address or does no such thing; whatever is above begins with 400.
_NO_SUCH, _ERROR = frozenset({404, 405, 501}), 400
_STRETCH = ("start_us", "end_us", "begun_us", "ended_us")
_KIND = {"method": pa.string(), "template": pa.string(), "code": pa.int64()}
#: The template of the path of a request ``h``.
TEMPLATE = TEMPLATE_SQL.format(path="h.http_request_path")
_DONE = "error_code IS NULL AND error_text IS NULL AND query_text IS NOT NULL"

#: A statement that begins so reads, whatever words stand in it: what somebody typed, functions. A plan that
#: is only told is not carried out.
_BLANKS = r"(\s|--[^\n]*\n|/\*.*?\*/)*"
_EXPLAINED = (
    r"explain\s+((verbose|extended|partitions|format\s*=\s*\w+)\s+)*"
    r"(select|with|table|values|insert|update|delete|replace|merge)"
)
READS = rf"(?is)^{_BLANKS}\(*\s*(select|show|set|values|table|use|{_EXPLAINED})\b"
#: But not where another statement follows, beyond all that is quoted.
STACKED = (
    rf"(?is)^([^']|'[^']*')*;{_BLANKS}"
    r"(with|insert|update|delete|merge|truncate|copy|alter|drop|rename|create|replace|load|call|do|exec|execute)\b"
)

_REQUESTS = f"""
SELECT h.event_id, h.start_us + min(s.begun_us) AS start_us,
       h.end_us + COALESCE(h.time_step_us, 0) + max(s.ended_us) AS end_us,
       COALESCE(h.http_request_method, '') AS method, {TEMPLATE} AS template,
       h.http_request_path AS url_path, h.http_request_query AS query, h.http_response_code AS code,
       h.actor_session_uid AS session
FROM events AS h
JOIN silences AS s ON h.start_us < s.end_us AND h.end_us + COALESCE(h.time_step_us, 0) > s.start_us
WHERE h.event_kind = 'http' AND h.http_request_path IS NOT NULL
GROUP BY h.event_id, h.start_us, h.end_us, h.time_step_us, h.http_request_method, h.http_request_path,
         h.http_request_query, h.http_response_code, h.actor_session_uid
"""
#: One row per request and write it may have run. By itself: DuckDB 1.5 loses the column of the method where a
#: condition over both sides of these joins is laid inside the next query.
_WRITERS = f"""
SELECT c.http_event_id, c.confidence,
       CASE WHEN h.http_request_method NOT IN {_SAFE} THEN 1 ELSE 0 END AS unsafe
FROM causes AS c JOIN logged_writes AS w ON w.event_id = c.sql_event_id
JOIN events AS h ON h.event_id = c.http_event_id
"""
#: One row per kind of request of which some fell into a silence, and status: how many did not, how many of
#: those were no intruder's, and how many writes they, or all, ran.
_KINDS = f"""
WITH ran AS (
  SELECT http_event_id, sum(CAST(confidence AS DECIMAL(18, 6))) AS writes,
         max(CASE WHEN confidence >= {_SURE} OR (unsafe = 1 AND confidence >= {_LIKELY}) THEN 1 ELSE 0 END)
           AS sure
  FROM writers WHERE confidence >= {_LIKELY} OR unsafe = 1
  GROUP BY http_event_id
)
SELECT k.method, k.template, h.http_response_code AS code, min(h.http_request_path) AS url_path,
       count(*) - count(q.event_id) AS seen,
       sum(CASE WHEN q.event_id IS NULL AND i.event_id IS NULL THEN 1 ELSE 0 END) AS honest,
       sum(CASE WHEN q.event_id IS NULL THEN COALESCE(ran.writes, 0) ELSE 0 END) AS wrote,
       sum(COALESCE(ran.writes, 0)) AS ever,
       sum(CASE WHEN i.event_id IS NULL THEN COALESCE(ran.sure, 0) ELSE 0 END) AS sure
FROM events AS h
JOIN (SELECT DISTINCT method, template FROM silent_requests) AS k
  ON k.method = COALESCE(h.http_request_method, '') AND k.template = {TEMPLATE}
LEFT JOIN silent_requests AS q ON q.event_id = h.event_id
LEFT JOIN ran ON ran.http_event_id = h.event_id
LEFT JOIN (SELECT DISTINCT event_id FROM intrusion) AS i ON i.event_id = h.event_id
WHERE h.event_kind = 'http' AND h.http_request_path IS NOT NULL
GROUP BY k.method, k.template, h.http_response_code
ORDER BY 1, 2, 3
"""
_CHOSEN = """
SELECT q.event_id, q.start_us, q.end_us, q.method, q.template, q.url_path, q.query, q.session
FROM silent_requests AS q
JOIN silent_kinds AS k ON k.method = q.method AND k.template = q.template AND k.code = COALESCE(q.code, -1)
ORDER BY q.event_id
"""


#: Tells whether the data map says that a route writes, by method and path; None: it says nothing of it.
Told = Callable[[str, str], bool | None]


@dataclass(frozen=True)
class Asking:
    """A request in a silence that may have written; it did so between two moments of the database's clock."""

    event_id: int
    begun_us: int
    ended_us: int
    method: str
    template: str
    url_path: str
    query: str | None
    session: str | None


@dataclass(frozen=True)
class _Habit:
    """Requests of one kind and status: how many were seen outside of silences, and the writes they ran.

    ``honest``: those of no intruder, who may ask a thousand times for what it does not write. ``sure``: how
    many of those surely wrote, in silences or not.
    """

    code: int | None
    url_path: str
    seen: int
    honest: int
    wrote: float
    ever: float
    sure: int


def find_askings(store: Store, hidden: str, told: Told) -> list[Asking]:
    """Return the requests in silent stretches that may have written, whoever asked.

    ``hidden``: what texts are searched for that write without saying so.
    """
    silences = find_silences(store, _BEFORE_US, _AFTER_US)
    if not silences or not store.has("events"):
        return []
    _write_silences(store, silences)
    store.run(Station("silent_requests", _REQUESTS))
    if not store.count("silent_requests"):
        return []
    words, reads, stacked, unsaid = (
        f"regexp_matches(query_text, {quote_text(pattern)})" for pattern in (WORDS, READS, STACKED, hidden)
    )
    writes = f"SELECT event_id FROM events WHERE event_kind = 'sql' AND {_DONE} AND "
    writes += f"(({words} AND ({stacked} OR NOT {reads})) OR {unsaid})"
    store.run(Station("logged_writes", writes))
    store.run(Station("writers", _WRITERS))
    _write_kinds(store, told)
    return [Asking(*asked) for asked in store.rows(_CHOSEN)]


def _write_silences(store: Store, silences: Sequence[Silence]) -> None:
    """Write ``silences``: the stretches on the web's clock in which a request's writes may not be logged.

    ``begun_us``, ``ended_us``: by so much its writes may lie, on the database's clock, from its two ends.
    """
    begun = [one.least_skew_us - _BEFORE_US for one in silences]
    ended = [one.most_skew_us + _AFTER_US for one in silences]
    rows = [
        (one.first_us - late_us, one.last_us - early_us, early_us, late_us)
        for one, early_us, late_us in zip(silences, begun, ended, strict=True)
    ]
    columns = {name: pa.array([row[n] for row in rows], pa.int64()) for n, name in enumerate(_STRETCH)}
    store.write_as("silences", pa.table(columns))


def _write_kinds(store: Store, told: Told) -> None:
    """Write ``silent_kinds``: the kinds of request, by status, that may have written."""
    held: dict[tuple[str, str], list[_Habit]] = defaultdict(list)
    for method, template, *habit in store.rows(_KINDS):
        held[method, template].append(_Habit(*habit))
    rows = [
        (method, template, -1 if habit.code is None else habit.code)
        for (method, template), habits in held.items()
        for habit in habits
        if _may_write(method, habit, habits, told(method, habits[0].url_path))
    ]
    columns = {name: pa.array([row[n] for row in rows], kind) for n, (name, kind) in enumerate(_KIND.items())}
    store.write_as("silent_kinds", pa.table(columns))


def _may_write(method: str, habit: _Habit, habits: Sequence[_Habit], told: bool | None) -> bool:
    """Tell whether a request of a status may have written, by the habits of its kind."""
    if told is not None:
        return told and habit.code not in _NO_SUCH
    seen, honest = sum(one.seen for one in habits), sum(one.honest for one in habits)
    ever = sum(one.ever for one in habits)
    if any(one.sure for one in habits) or (ever > 0 and ever >= _LEAST_SHARE * honest):
        return habit.sure > 0 or habit.honest < _SEEN_OFTEN or habit.wrote >= _LEAST_SHARE * habit.honest
    if method in _SAFE or habit.code in _NO_SUCH or habit.seen >= _SEEN_OFTEN:
        return False
    return seen < _SEEN_OFTEN or (habit.code or 0) < _ERROR
