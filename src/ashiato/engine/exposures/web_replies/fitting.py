"""Whether a reply's bytes fit the row it is held to have carried.

Replies of one route that carry one row each weigh the same but for that row's values. Where that holds for
most of them, the wrapping's size and the way of writing text are known, and a reply that keeps to it carried
this row; where it does not (compression, pages with more on them) bytes settle nothing.
"""

from __future__ import annotations

from collections import defaultdict
from statistics import median

import pyarrow as pa

from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.store import Row, Station, Store, quote_name, quote_text

# Replies that fit by chance are few: so many must, and this share of all.
_LEAST_REPLIES = 10
_LEAST_SHARE = 0.7
# Quotes, a missing value's ``null``, a digit more in a length.
_SLACK_BYTES = 12

_UNLOGGED = "SELECT event_id FROM hostile_executions WHERE note = 'web-only' AND body_bytes > 0"
_WEIGHED = """
SELECT l.event_id, l.plan, x.route, x.body_bytes, sum(w.plain) AS plain, sum(w.escaped) AS escaped
FROM lineage_rows AS l
JOIN hostile_executions AS x ON x.event_id = l.event_id AND x.note = 'web-only' AND x.body_bytes > 0
JOIN reply_rows AS r ON r.event_id = l.event_id AND r.reply_rows = 1
JOIN copied_columns AS c
  ON c.plan = l.plan AND c.instance = l.instance AND c.route = x.route AND c.kind = 'output'
JOIN value_sizes AS w ON w._table = l._table AND w.row_ord = l.row_ord AND w.column_name = c.column_name
WHERE l.kind = 'output'
GROUP BY l.event_id, l.plan, x.route, x.body_bytes
"""


def write_fits(store: Store, states: tuple[State, ...]) -> None:
    """Write ``web_fits``: one row per web reply of one row whose bytes fit that row."""
    gathered: dict[tuple[int, int], list[tuple[int, int, int, int]]] = defaultdict(list)
    for event_id, plan, route, body, plain, escaped in _weighed(store, states):
        gathered[plan, route].append((event_id, body, plain, escaped))
    fitting = sorted(event_id for replies in gathered.values() for event_id in _fitting(replies))
    store.write_as("web_fits", pa.table({"event_id": pa.array(fitting, pa.int64())}))


def _weighed(store: Store, states: tuple[State, ...]) -> list[Row]:
    """Weigh the replies that are known from the web log alone, where there are any."""
    if store.rows(f"SELECT count(*) FROM ({_UNLOGGED}) AS x") == [(0,)]:
        return []
    tables = [table for state in states for table in state.tables.values() if table.person_table]
    store.run(Station("value_sizes", " UNION ALL ".join(_sizes_sql(table) for table in tables)))
    store.run(Station("weighed_replies", _WEIGHED))
    return store.rows(
        "SELECT event_id, plan, route, body_bytes, plain, escaped FROM weighed_replies ORDER BY event_id"
    )


def _fitting(replies: list[tuple[int, int, int, int]]) -> list[int]:
    """Return the replies that fit, by whichever way of writing text more of them do."""
    best: list[int] = []
    for column in (2, 3):
        wrappings = [reply[1] - reply[column] for reply in replies]
        usual = median(wrappings)
        fit = [
            reply[0]
            for reply, wrapping in zip(replies, wrappings, strict=True)
            if abs(wrapping - usual) <= _SLACK_BYTES and usual >= 0
        ]
        best = max(best, fit, key=len)
    return best if len(best) >= max(_LEAST_REPLIES, _LEAST_SHARE * len(replies)) else []


def _sizes_sql(table: StateTable) -> str:
    """One row per row x column: bytes as UTF-8, and with characters beyond ASCII as six bytes each."""
    reached = (
        "SELECT DISTINCT l.row_ord FROM lineage_rows AS l JOIN hostile_executions AS x "
        f"ON x.event_id = l.event_id AND x.note = 'web-only' WHERE l._table = {quote_text(table.kept_as)}"
    )
    parts = []
    for name in table.columns:
        text = f"CAST(s.{quote_name(name)} AS VARCHAR)"
        plain = f"COALESCE(bit_length({text}) // 8, 4)"
        ascii_only = f"length(regexp_replace({text}, '[^\\x00-\\x7F]', '', 'g'))"
        escaped = f"COALESCE({ascii_only} + 6 * (length({text}) - {ascii_only}), 4)"
        parts.append(
            f"SELECT {quote_text(table.kept_as)} AS _table, s._ord AS row_ord, {quote_text(name)} AS "
            f"column_name, {plain} AS plain, {escaped} AS escaped "
            f"FROM {table.kept_as} AS s JOIN ({reached}) AS r ON r.row_ord = s._ord"
        )
    return " UNION ALL ".join(parts)
