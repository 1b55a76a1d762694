"""How a web log's times stand to a database log's: when lines are written, and how far the clocks differ.

Both are read from *anchors*: a request and a statement that share a rare value or, where too few do, that
are within minutes of each other. Of these, true pairs all have nearly the same distance in time and chance
pairs have any, so the most frequent distance is theirs.
A statement starts while its request is answered; that bounds the clocks' difference from both sides, and
a difference that may be nothing is taken as nothing. Either log may cut its times down to whole seconds: a
time then stands for the whole step after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ashiato.engine.events.routes import PLAIN_SQL
from ashiato.engine.store import Row, Station, Store

_SECOND = 1_000_000
_MOST_USES = 8
_FEWEST = 8
_FINE_US = 1_000
_LEAST_LOOKBACK_US = 50_000
_FARTHEST_US = 15 * 3600 * _SECOND
_SLACKS_US = (5_000, 20_000, 50_000, 100_000, 250_000)
_DEFAULT_SLACK_US = 20_000
# Two hosts whose logs are too short to tell are held to agree this well.
_FEW_STATEMENTS = 30
_UNTOLD_SLACK_US = 2 * _SECOND
_DEFAULT_LOOKBACK_US = 2 * _SECOND
_UNTIMED_US = _SECOND // 10
_APART_US = 3 * _SECOND
_ENOUGH = 0.95
_MOSTLY = 0.8
_MOST_LOOKBACK_US = 30 * _SECOND
_NEAR_US = 120 * _SECOND
_MOST_PAIRS = 2_000_000
_CLOCKS = pa.schema(
    [
        ("web_source", pa.string()),
        ("database_source", pa.string()),
        ("skew_us", pa.int64()),
        ("stamps_start", pa.int64()),
        ("slack_us", pa.int64()),
        ("lookback_us", pa.int64()),
        ("anchors", pa.int64()),
        ("database_step_us", pa.int64()),
    ]
)

Longs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Anchors:
    """Distances of anchored pairs, in microseconds, all of one length.

    ``statement``: which statement; ``start``: its start less the request's time; ``end``: its end less the
    request's time; ``duration``: the request's, -1 where its log has none; ``step``: how coarse the
    request's time is; ``database_step``: how coarse the statement's is.
    """

    statement: Longs
    start: Longs
    end: Longs
    duration: Longs
    step: Longs
    database_step: Longs

    def __len__(self) -> int:
        """The number of pairs."""
        return len(self.start)

    def bounds(self, *, stamps_start: bool) -> tuple[Longs, Longs]:
        """Return between which differences of the clocks each pair lies inside its request's window."""
        lasting = np.where(self.duration < 0, _UNTIMED_US, self.duration)
        before, after = (0, lasting) if stamps_start else (lasting, 0)
        # What is cut to whole seconds is never late by all of one; finer times may be off by a little.
        ample = np.where(np.maximum(self.step, self.database_step) < _SECOND, _FINE_US, -_FINE_US)
        high = self.start + np.maximum(self.database_step, _FINE_US) + before
        return self.start - self.step - after - ample, high


@dataclass(frozen=True)
class Clock:
    """How to lay a request's window on the database's clock; see the module."""

    skew_us: int = 0
    stamps_start: bool = False
    slack_us: int = _DEFAULT_SLACK_US
    lookback_us: int = _DEFAULT_LOOKBACK_US
    anchors: int = 0
    clear: bool = False


def read_clock(anchors: Anchors) -> Clock:
    """Estimate one web log's clock against one database log's; the defaults where nothing is clear."""
    few = len(np.unique(anchors.statement)) < _FEW_STATEMENTS
    untold = Clock(slack_us=_UNTOLD_SLACK_US if few else _DEFAULT_SLACK_US, anchors=len(anchors))
    if len(anchors) < _FEWEST:
        return untold
    skew_if_end, held_if_end, clear_if_end = _best_skew(*anchors.bounds(stamps_start=False))
    skew_if_start, held_if_start, clear_if_start = _best_skew(*anchors.bounds(stamps_start=True))
    # A difference of nothing is likelier than a difference that makes up for the wrong reading.
    if skew_if_end == 0 or skew_if_start == 0:
        held_if_end *= 1.0 if skew_if_end == 0 else 0.9
        held_if_start *= 1.0 if skew_if_start == 0 else 0.9
    stamps_start = held_if_start > 1.02 * held_if_end
    if not (clear_if_start if stamps_start else clear_if_end):
        return untold
    skew = skew_if_start if stamps_start else skew_if_end
    return Clock(
        skew, stamps_start, *_tolerances(anchors, skew, stamps_start=stamps_start), len(anchors), clear=True
    )


def _best_skew(low: Longs, high: Longs) -> tuple[int, float, bool]:
    """Return the difference that most pairs allow, how many do, and whether it stands out."""
    edges = np.concatenate([low, high])
    change = np.concatenate([np.ones(len(low), np.int64), -np.ones(len(high), np.int64)])
    order = np.lexsort((-change, edges))
    edges, depth = edges[order], np.cumsum(change[order])
    most = int(depth.max())
    nothing = int(np.sum((low <= 0) & (high >= 0)))
    if nothing >= _ENOUGH * most:
        return 0, float(nothing), nothing >= _FEWEST
    top = int(depth.argmax())
    skew = int(edges[top] + edges[min(top + 1, len(edges) - 1)]) // 2
    elsewhere = depth[np.abs(edges - skew) > _APART_US]
    clear = most >= _FEWEST and most > 2 * (int(elsewhere.max()) if len(elsewhere) else 0)
    return skew, float(most), clear


def _tolerances(anchors: Anchors, skew: int, *, stamps_start: bool) -> tuple[int, int]:
    low, high = anchors.bounds(stamps_start=stamps_start)
    outside = np.maximum(np.maximum(low - skew, skew - high), 0)
    order = np.lexsort((outside, anchors.statement))
    nearest = order[np.unique(anchors.statement[order], return_index=True)[1]]
    nearest = nearest[outside[nearest] <= _MOST_LOOKBACK_US]
    held = [np.count_nonzero(outside[nearest] <= slack) for slack in _SLACKS_US]
    slack = next(slack for slack, n in zip(_SLACKS_US, held, strict=True) if n >= _MOSTLY * held[-1])
    reach = (anchors.start - skew - anchors.step) if stamps_start else (skew - anchors.end)
    lookback = _most_of(
        np.maximum(reach[nearest], 0), np.maximum(anchors.step, anchors.database_step)[nearest]
    )
    return slack, min(lookback + _LEAST_LOOKBACK_US, _MOST_LOOKBACK_US)


def _most_of(reach: Longs, steps: Longs) -> int:
    """Return what 95 in 100 stay below. Of whole seconds, only the mean tells of what is shorter than one."""
    most = float(np.quantile(reach, 0.95))
    if np.median(steps) >= _SECOND:
        # Of waits that are as likely to end at any moment, 95 in 100 are shorter than three times the mean.
        most = min(most, 3 * float(np.mean(reach)))
    return int(most)


#: In longer statements values are not told apart.
LITERAL_CHARS = 10_000

# Names hold digits that are nobody's value (``guests_7``), and so do the places of bound values (``$1``).
_NAME = r"[a-zA-Z_\x{80}-\x{10FFFF}][0-9a-zA-Z_$\x{80}-\x{10FFFF}]*|\$[0-9]+"

#: One row per value in a statement's text, or beside it: quoted strings, numbers, what stands between commas
#: where parameters are listed; in plain words.
LITERALS = Station(
    "statement_literals",
    rf"""
    WITH said AS (
        SELECT lead_no, UNNEST(regexp_extract_all(
            (CASE WHEN is_mysql = 1 THEN replace(text, '"', '''') ELSE text END)
                || ' ' || coalesce(substring(query_binds, 1, 10000), ''),
            '{_NAME}|(''[^'']*''|[0-9]+)', 1
        )) AS literal
        FROM executions
        WHERE length(text) <= {LITERAL_CHARS}
        UNION ALL
        SELECT lead_no, UNNEST(regexp_extract_all(
            regexp_replace(substring(query_binds, 1, 10000), '\$[0-9]+', '', 'g'), '[^,"'']+'
        )) AS literal
        FROM executions
        WHERE length(text) <= {LITERAL_CHARS} AND query_binds IS NOT NULL
    ),
    plain AS (
        SELECT DISTINCT lead_no, {PLAIN_SQL.format(text="literal")} AS token FROM said
    )
    SELECT lead_no, token FROM plain WHERE token <> ''
    """,
)

#: One row per request x statement that share a value which few requests and few statements hold.
ANCHORS = Station(
    "clock_anchors",
    f"""
    WITH asked AS (
        SELECT q.lead_no, t.token
        FROM target_tokens t
        JOIN request_targets g ON g.target_no = t.target_no
        JOIN request_leads q ON q.http_request_path = g.path
            AND coalesce(q.http_request_query, '') = coalesce(g.query, '')
        WHERE length(t.token) >= 3
    ),
    rarely_asked AS (
        SELECT lead_no, token
        FROM (SELECT lead_no, token, count(*) OVER (PARTITION BY token) AS uses FROM asked) AS counted
        WHERE uses <= {_MOST_USES}
    ),
    rarely_run AS (
        SELECT lead_no, token
        FROM (
            SELECT lead_no, token, count(*) OVER (PARTITION BY token) AS uses FROM statement_literals
        ) AS counted
        WHERE uses <= {_MOST_USES}
    )
    SELECT q.source AS web_source, n.source AS database_source, q.lead_no AS request_no, x.lead_no AS sql_no,
        x.start_us - q.time_us AS start_us, x.end_us - q.time_us AS end_us,
        coalesce(q.duration_us, -1) AS duration_us, q.time_step_us AS step_us,
        x.time_step_us AS database_step_us
    FROM rarely_asked a
    JOIN rarely_run l ON l.token = a.token
    JOIN request_leads q ON q.lead_no = a.lead_no
    JOIN executions x ON x.lead_no = l.lead_no
    JOIN record_numbers n ON n.record_no = x.lead_no
    WHERE x.start_us - q.time_us BETWEEN -{_FARTHEST_US} AND {_FARTHEST_US}
    """,
)

_SOURCES_SQL = """
    SELECT w.source, d.source, d.step_us
    FROM (SELECT DISTINCT source FROM request_leads) w
    CROSS JOIN (
        SELECT n.source, max(x.time_step_us) AS step_us
        FROM executions x JOIN record_numbers n ON n.record_no = x.lead_no
        GROUP BY n.source
    ) d
    ORDER BY w.source, d.source
"""
_PAIRS_SQL = """
    SELECT sql_no, start_us, end_us, duration_us, step_us, database_step_us FROM clock_anchors
    WHERE web_source = ? AND database_source = ?
    ORDER BY request_no, sql_no
    LIMIT 200000
"""


_DENSITY_SQL = "SELECT count(*), max(time_us) - min(time_us) FROM request_leads WHERE source = ?"
_NEIGHBOURS_SQL = """
    WITH counted AS (
        SELECT x.lead_no, x.start_us, x.end_us, x.time_step_us,
            row_number() OVER (ORDER BY x.lead_no) AS place, count(*) OVER () AS statements
        FROM executions x
        JOIN record_numbers n ON n.record_no = x.lead_no
        WHERE n.source = ? AND x.runs = 1
    ),
    sampled AS (
        SELECT lead_no, start_us, end_us, time_step_us FROM counted WHERE place % (1 + statements // ?) = 0
    )
    SELECT x.lead_no, x.start_us - q.time_us, x.end_us - q.time_us, coalesce(q.duration_us, -1),
        q.time_step_us, x.time_step_us
    FROM sampled x
    JOIN request_leads q ON q.source = ? AND q.time_us BETWEEN x.start_us - ? AND x.start_us + ?
    ORDER BY x.lead_no, q.lead_no
"""


def write_clocks(store: Store) -> None:
    """Write ``clocks``: one row per web log x database log, how their times stand to each other."""
    store.run(LITERALS)
    store.run(ANCHORS)
    rows = []
    for web, database, step in store.rows(_SOURCES_SQL):
        clock = read_clock(_anchors(store.rows(_PAIRS_SQL, [web, database])))
        if not clock.clear:
            clock = read_clock(_anchors(_neighbours(store, web, database)))
        said = (clock.skew_us, int(clock.stamps_start), clock.slack_us, clock.lookback_us, clock.anchors)
        rows.append((web, database, *said, step))
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in _CLOCKS]
    store.write_as("clocks", pa.table(columns, schema=_CLOCKS))


def _neighbours(store: Store, web: str, database: str) -> Sequence[Row]:
    [(requests, span)] = store.rows(_DENSITY_SQL, [web])
    beside_each = 2 * _NEAR_US * requests / max(span, _NEAR_US)
    each = max(30, min(400, int(_MOST_PAIRS / max(beside_each, 1))))
    return store.rows(_NEIGHBOURS_SQL, [database, each, web, _NEAR_US, _NEAR_US])


def _anchors(rows: Sequence[tuple[int, ...]]) -> Anchors:
    held = np.array(rows, np.int64).reshape(-1, 6)
    return Anchors(*(held[:, place] for place in range(6)))
