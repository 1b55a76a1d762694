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
# One row per web reply of one row x row that is in it.
_CARRIED = """
SELECT DISTINCT l.event_id, x.plan, l.instance, x.route, x.body_bytes, l._table, l.row_ord
FROM lineage_rows AS l
JOIN hostile_executions AS x ON x.event_id = l.event_id AND x.note = 'web-only' AND x.body_bytes > 0
JOIN reply_rows AS r ON r.event_id = l.event_id AND r.reply_rows = 1
WHERE l.kind = 'output'
"""

_WEIGHED = """
SELECT l.event_id, l.plan, l.route, l.body_bytes, sum(w.plain) AS plain, sum(w.escaped) AS escaped
FROM carried_alone AS l
JOIN copied_columns AS c
  ON c.plan = l.plan AND c.instance = l.instance AND c.route = l.route AND c.kind = 'output'
JOIN value_sizes AS w ON w._table = l._table AND w.row_ord = l.row_ord AND w.column_name = c.column_name
GROUP BY l.event_id, l.plan, l.route, l.body_bytes
"""

_NO_SIZES = (
    "SELECT '' AS _table, CAST(0 AS BIGINT) AS row_ord, '' AS column_name, CAST(0 AS BIGINT) AS plain, "
    "CAST(0 AS BIGINT) AS escaped WHERE 1 = 0"
)


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
    store.run(Station("carried_alone", _CARRIED))
    met = {name for (name,) in store.rows("SELECT DISTINCT _table FROM carried_alone")}
    tables = [
        table
        for state in states
        for table in state.tables.values()
        if table.person_table and table.kept_as in met
    ]
    store.run(Station("value_sizes", " UNION ALL ".join([_NO_SIZES, *map(_sizes_sql, tables)])))
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
    names = ", ".join(f"({quote_text(name)})" for name in table.columns)
    texts = {name: f"CAST(s.{quote_name(name)} AS VARCHAR)" for name in table.columns}
    plain = {name: f"COALESCE(bit_length({text}) // 8, 4)" for name, text in texts.items()}
    ascii_only = {
        name: f"length(regexp_replace({text}, '[^\\x00-\\x7F]', '', 'g'))" for name, text in texts.items()
    }
    escaped = {
        name: f"COALESCE({held} + 6 * (length({texts[name]}) - {held}), 4)"
        for name, held in ascii_only.items()
    }
    return (
        f"SELECT {quote_text(table.kept_as)} AS _table, s._ord AS row_ord, c.column_name, "
        f"{_by_column(plain)} AS plain, {_by_column(escaped)} AS escaped FROM {table.kept_as} AS s "
        "JOIN (SELECT DISTINCT row_ord FROM carried_alone "
        f"WHERE _table = {quote_text(table.kept_as)}) AS r ON r.row_ord = s._ord "
        f"CROSS JOIN (VALUES {names}) AS c(column_name)"
    )


def _by_column(sizes: dict[str, str]) -> str:
    cases = " ".join(f"WHEN {quote_text(name)} THEN {size}" for name, size in sizes.items())
    return f"CAST(CASE c.column_name {cases} END AS BIGINT)"
