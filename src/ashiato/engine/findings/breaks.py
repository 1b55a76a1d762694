"""Finds statements broken open: the application's own up to a value, and after it what it never says there.

This needs no request's text: it sees injections by body, header or cookie, and those of a log that is the
database's alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pyarrow as pa

from ashiato.engine.findings.wording import plain
from ashiato.engine.store import Station, Store

_BROKEN = pa.schema([("query_shape", pa.string()), ("mark", pa.string())])
# What follows the value, in the order in which it names the break. An application may say any of it in a
# statement of its own; it does not at times say it and at times not behind one and the same value.
_MARKS = (
    ("union", re.compile(r"^[) ]*union (?:all |distinct )?\(? ?select\b")),
    (
        "second-statement",
        re.compile(r"; (?:select|insert|update|delete|drop|alter|create|copy|exec\w*|set)\b"),
    ),
    ("delay", re.compile(r"\b(?:pg_sleep|sleep|benchmark|randomblob) \(|\bwaitfor delay\b")),
    ("subquery", re.compile(r"^[) ]*(?:and|or|\|\||\+|having|order by) .*\( ?select\b")),
    ("compared-values", re.compile(r"^[) ]*(?:and|or) [(not ]*\? (?:=|<|>|<>|like) [( ]*\?")),
    ("end-cut-off", re.compile(r"--'$")),
    ("widened", re.compile(r"^[) ]*or\b")),
)
_WEAK = "widened"
_SHORTEST_PREFIX = 6
# One statement more broad by an OR may be a filter that few visitors choose.
_WIDENED = 5
# A statement that people of five addresses bring about, or that runs in eight hours of the day, is the
# application's own however it looks; a thief's comes from one or a few.
_OWN = """
    SELECT q.query_shape, COUNT(*) AS uses, COUNT(DISTINCT v.address) AS addresses,
           COUNT(DISTINCT q.start_us // 3600000000) AS hours, COUNT(v.address) AS caused
    FROM finding_statements AS q
    JOIN finding_statement_visits AS s ON s.event_id = q.event_id
    LEFT JOIN (
        SELECT visit, MIN(address) AS address FROM visits WHERE visit NOT LIKE 'd:%' GROUP BY visit
    ) AS v ON v.visit = s.visit
    WHERE q.query_shape IS NOT NULL AND q.query_shape LIKE '% where %'
    GROUP BY q.query_shape ORDER BY q.query_shape
"""


def prove_breaks(store: Store) -> None:
    """Write ``finding_broken``: one row per shape of statement that is another one, broken open."""
    usual: list[str] = []
    rare: list[str] = []
    for shape, uses, addresses, hours, caused in store.rows(_OWN):
        is_own = addresses >= 5 if caused * 2 > uses else hours >= 8
        (usual if is_own else rare).append(shape)
    rows = list(broken_shapes(usual, rare))
    arrays = [pa.array([row[place] for row in rows], pa.string()) for place in range(len(_BROKEN))]
    store.write_as("finding_broken", pa.table(arrays, schema=_BROKEN))


def broken_shapes(usual: Iterable[str], rare: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each rare shape that is a usual one broken open behind a value, with the mark that shows it."""
    opened = {prefix for shape in usual for prefix, rest in _cuts(shape) if _mark_of(rest) is None}
    for shape in rare:
        found = [(prefix, rest) for prefix, rest in _cuts(shape) if prefix in opened]
        mark = _mark_of(found[-1][1]) if found else None
        if mark is not None:
            yield shape, mark


def _cuts(shape: str) -> Iterator[tuple[str, str]]:
    """Yield the shape cut in two behind each value that stands in a condition."""
    words = shape.split(" ")
    start = words.index("where") if "where" in words else len(words)
    for place in range(max(start, _SHORTEST_PREFIX), len(words)):
        if words[place] == "?":
            yield " ".join(words[: place + 1]), " ".join(words[place + 1 :])


def _mark_of(rest: str) -> str | None:
    return next((name for name, pattern in _MARKS if pattern.search(rest)), None)


_JUDGED = Station(
    "finding_breaks",
    f"""
    SELECT s.visit, MIN(b.mark) AS mark, COUNT(*) AS statements, COUNT(DISTINCT b.query_shape) AS shapes,
           SUM(CASE WHEN b.mark <> '{_WEAK}' THEN 1 ELSE 0 END) AS strong
    FROM finding_broken AS b
    JOIN finding_statements AS q ON q.query_shape = b.query_shape
    JOIN finding_statement_visits AS s ON s.event_id = q.event_id
    GROUP BY s.visit
    """,
)

_FOUND = Station(
    "found_breaks",
    f"""
    SELECT 'statement-broken-open' AS rule, 'behaviour' AS rule_kind, 'T1190' AS technique, b.visit AS key,
           CASE WHEN strong > 0 OR statements >= {_WIDENED} THEN 'high' ELSE 'medium' END AS level,
           CASE WHEN strong > 0 THEN 0.95 WHEN statements >= {_WIDENED} THEN 0.85 ELSE 0.5 END AS certainty,
           CASE WHEN b.visit LIKE 's:%' THEN 'session' WHEN b.visit LIKE 'd:%' THEN 'database_session'
                ELSE 'address' END AS actor_kind,
           COALESCE(CASE WHEN b.visit LIKE 's:%' OR b.visit LIKE 'd:%' THEN SUBSTR(b.visit, 3) END,
                    v.address, b.visit) AS actor,
           statements AS observed, 0 AS expected,
           'own-statement-broken-open-behind-a-value(statements=' || CAST(statements AS VARCHAR)
               || ',shapes=' || CAST(shapes AS VARCHAR) || ',by=' || {plain("mark")} || ')' AS why
    FROM finding_breaks AS b
    LEFT JOIN (SELECT visit, MIN(address) AS address FROM visits GROUP BY visit) AS v ON v.visit = b.visit
    """,
)

_EVENTS = Station(
    "found_breaks_events",
    """
    SELECT s.visit AS key, q.event_id
    FROM finding_broken AS b
    JOIN finding_statements AS q ON q.query_shape = b.query_shape
    JOIN finding_statement_visits AS s ON s.event_id = q.event_id
    """,
)

STATIONS = (_JUDGED, _FOUND, _EVENTS)
