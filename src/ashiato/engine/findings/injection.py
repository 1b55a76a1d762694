"""Proves injections: text of a request that became part of a statement's structure."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyarrow as pa

from ashiato.engine.findings.statements import is_literal, tokens_of
from ashiato.engine.findings.targets import parameter_values
from ashiato.engine.findings.wording import plain
from ashiato.engine.saying import MYSQL_FORMATS
from ashiato.engine.store import Station, Store

_PROVEN = pa.schema([("sql_event_id", pa.int64()), ("http_event_id", pa.int64()), ("piece", pa.string())])
# Values made of one plain word or number may stand in a statement honestly (a column to sort by).
_PLAIN = re.compile(r"^[\w.,\s+-]*$")
_SORTING = re.compile(r"^[\w.,\s]*$")
_WORDS = re.compile(r"\b(?:select|union|or|and|from|where|case|when|like|having|order)\b|--", re.IGNORECASE)
_LONGEST_PIECE = 200

_PAIRS = f"""
    SELECT c.sql_event_id, c.http_event_id, r.http_request_target, q.query_text,
        COALESCE(q.source_format, '') IN {MYSQL_FORMATS} AS mysql
    FROM finding_requests AS r
    JOIN causes AS c ON c.http_event_id = r.event_id
    JOIN finding_statements AS q ON q.event_id = c.sql_event_id
    WHERE r.has_syntax AND q.query_text IS NOT NULL
    ORDER BY c.sql_event_id, c.http_event_id
"""


def injected_piece(values: Iterable[str], statement: str, *, mysql: bool = False) -> str | None:
    """Return the first value that stands in the statement as structure, or None.

    ``mysql``: the statement's quoting is MySQL's.

    A value that an application quotes rightly stands inside one literal (its quotes doubled); one that
    stands there as it came and reaches over more than a literal has changed what the statement says.
    """
    suspects = [value for value in values if len(value) > 1 and _may_be_structure(value)]
    found = [(value, statement.find(value)) for value in suspects]
    placed = [(value, start) for value, start in found if start >= 0]
    if not placed:
        return None
    literals = [(start, end) for token, start, end in tokens_of(statement, mysql=mysql) if is_literal(token)]
    for value, start in placed:
        end = start + len(value)
        if not any(first <= start and end <= last for first, last in literals):
            return value[:_LONGEST_PIECE]
    return None


def prove_injections(store: Store) -> None:
    """Write ``finding_proven``: one row per statement x request whose text became its structure."""
    rows: list[tuple[int, int, str]] = []
    for batch in store.batches(_PAIRS):
        for sql_id, http_id, target, statement, mysql in zip(
            *(column.to_pylist() for column in batch), strict=True
        ):
            piece = injected_piece(parameter_values(target), statement, mysql=mysql)
            if piece is not None:
                rows.append((sql_id, http_id, piece))
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    arrays = [pa.array(column, kind) for column, kind in zip(columns, _PROVEN.types, strict=True)]
    store.write_as("finding_proven", pa.table(arrays, schema=_PROVEN))


def _may_be_structure(value: str) -> bool:
    if _SORTING.match(value):
        return False
    return not _PLAIN.match(value) or _WORDS.search(value) is not None


# A route's own statements come back again and again; shapes that one visit alone brings about, many of
# them, are its doing. Five allow for a rare combination of filters that an honest visitor hits upon. Where
# visits commonly bring about shapes of their own, as where a form writes whatever was filled in, that is the
# route's way: then one must do so twice as much as half of them.
_NOVEL_SHAPES, _BEYOND = 5, 2

#: One row per visit x route: statement shapes that this visit alone brought about, beside the route's own.
_NOVEL = Station(
    "finding_novel_shapes",
    f"""
    WITH run AS (
        SELECT r.template, q.query_shape, v.visit, c.http_event_id, c.sql_event_id
        FROM causes AS c
        JOIN finding_statements AS q ON q.event_id = c.sql_event_id
        JOIN finding_requests AS r ON r.event_id = c.http_event_id
        JOIN visits AS v ON v.event_id = c.http_event_id
        WHERE c.confidence >= 0.5 AND q.query_shape IS NOT NULL
    ), spread AS (
        SELECT query_shape, COUNT(DISTINCT visit) AS visits FROM run GROUP BY query_shape
    ), counted AS (
        SELECT template, COUNT(DISTINCT query_shape) AS usual FROM (
            SELECT r.template, r.query_shape FROM run AS r JOIN spread AS s ON s.query_shape = r.query_shape
            WHERE s.visits > 1 GROUP BY r.template, r.query_shape HAVING COUNT(DISTINCT r.visit) > 1
        ) AS shared GROUP BY template
    ), mine AS (
        SELECT r.template, r.visit, COUNT(DISTINCT r.query_shape) AS shapes,
               COUNT(DISTINCT CASE WHEN s.visits = 1 THEN r.query_shape END) AS novel
        FROM run AS r JOIN spread AS s ON s.query_shape = r.query_shape GROUP BY r.template, r.visit
    ), ranked AS (
        SELECT template, visit, novel, CAST(novel AS DOUBLE) / shapes AS own,
               ROW_NUMBER() OVER (
                   PARTITION BY template ORDER BY CAST(novel AS DOUBLE) / shapes, visit
               ) AS place,
               COUNT(*) OVER (PARTITION BY template) AS visits
        FROM mine
    ), middle AS (
        SELECT template, own FROM ranked WHERE 2 * place IN (visits, visits + 1)
    )
    SELECT m.template, m.visit, m.novel, c.usual
    FROM ranked AS m
    JOIN counted AS c ON c.template = m.template
    JOIN middle AS h ON h.template = m.template
    WHERE m.novel >= {_NOVEL_SHAPES} AND m.novel > c.usual AND c.usual >= 1 AND m.own > {_BEYOND} * h.own
    """,
)

_NOVEL_EVENTS = Station(
    "finding_novel_events",
    """
    WITH run AS (
        SELECT r.template, q.query_shape, v.visit, c.http_event_id, c.sql_event_id
        FROM causes AS c
        JOIN finding_statements AS q ON q.event_id = c.sql_event_id
        JOIN finding_requests AS r ON r.event_id = c.http_event_id
        JOIN visits AS v ON v.event_id = c.http_event_id
        WHERE c.confidence >= 0.5
    ), spread AS (
        SELECT query_shape, COUNT(DISTINCT visit) AS visits FROM run GROUP BY query_shape
    )
    SELECT n.template || '|' || n.visit AS key, r.http_event_id, r.sql_event_id
    FROM finding_novel_shapes AS n
    JOIN run AS r ON r.template = n.template AND r.visit = n.visit
    JOIN spread AS s ON s.query_shape = r.query_shape AND s.visits = 1
    """,
)

_FOUND = Station(
    "found_injection",
    f"""
    SELECT 'statement-changed-by-request' AS rule, 'behaviour' AS rule_kind, 'T1190' AS technique,
           'proven|' || v.visit AS key, 'critical' AS level, 0.99 AS certainty,
           CASE WHEN MIN(v.session) IS NULL THEN 'address' ELSE 'session' END AS actor_kind,
           COALESCE(MIN(v.session), MIN(v.address)) AS actor,
           COUNT(DISTINCT p.http_event_id) AS observed, 0 AS expected,
           'request-text-became-statement(requests=' || CAST(COUNT(DISTINCT p.http_event_id) AS VARCHAR)
               || ',statements=' || CAST(COUNT(DISTINCT p.sql_event_id) AS VARCHAR)
               || ',route=' || {plain("MIN(r.template)")} || ')' AS why
    FROM finding_proven AS p
    JOIN visits AS v ON v.event_id = p.http_event_id
    JOIN finding_requests AS r ON r.event_id = p.http_event_id
    GROUP BY v.visit
    UNION ALL
    SELECT 'statement-shapes-of-one-client' AS rule, 'behaviour' AS rule_kind, 'T1190' AS technique,
           n.template || '|' || n.visit AS key, 'high' AS level,
           CASE WHEN n.novel >= 20 THEN 0.9 ELSE 0.7 END AS certainty,
           'address' AS actor_kind, MIN(v.address) AS actor, n.novel AS observed, n.usual AS expected,
           'statement-shapes-nobody-else-causes(route=' || {plain("n.template")} || ',shapes=' ||
               CAST(n.novel AS
               VARCHAR)
               || ',usual=' || CAST(n.usual AS VARCHAR) || ')' AS why
    FROM finding_novel_shapes AS n JOIN visits AS v ON v.visit = n.visit
    GROUP BY n.template, n.visit, n.novel, n.usual
    """,
)

_EVENTS = Station(
    "found_injection_events",
    """
    SELECT 'proven|' || v.visit AS key, p.http_event_id AS event_id
    FROM finding_proven AS p JOIN visits AS v ON v.event_id = p.http_event_id
    UNION
    SELECT 'proven|' || v.visit AS key, p.sql_event_id AS event_id
    FROM finding_proven AS p JOIN visits AS v ON v.event_id = p.http_event_id
    UNION
    SELECT key, http_event_id AS event_id FROM finding_novel_events
    UNION
    SELECT key, sql_event_id AS event_id FROM finding_novel_events
    """,
)

STATIONS = (_NOVEL, _NOVEL_EVENTS, _FOUND, _EVENTS)
