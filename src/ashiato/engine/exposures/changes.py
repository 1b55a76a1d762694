"""Logged writes: which rows and columns changed when, so that a replay knows what it cannot trust.

``changes``: one row per written row x column; ``row_ord`` is NULL where the statement's rows cannot be
told, which touches every row of the table. ``moves``: when a row's last known move in the heap was.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from sqlglot import exp

from ashiato.engine.exposures.shapes import (
    NotUnderstoodError,
    Shaped,
    marker_of,
    parse_shape,
    shape_statement,
)
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.store import Station, Store

ANY_COLUMN = "*"
_WRITTEN = (
    "SELECT start_us, query_text, query_binds FROM events WHERE event_kind = 'sql' AND error_code IS NULL "
    "AND regexp_matches(query_text, '(?i)\\b(update|insert|delete|merge|truncate|copy|alter|drop)\\b') "
    "ORDER BY event_id"
)
_WRITES = (exp.Update, exp.Insert, exp.Delete, exp.Merge, exp.TruncateTable, exp.Copy, exp.Alter, exp.Drop)

Change = tuple[str, str | None, str, int]


def find_changes(store: Store, states: tuple[State, ...], dialects: dict[str, str]) -> None:
    """Write ``changes`` and ``moves`` from every write in the logs, whoever made it."""
    found: set[Change] = set()
    for start_us, text, binds in store.rows(_WRITTEN) if store.has("events") else []:
        for state in states:
            found.update(_changes_of(text, binds, start_us, state, dialects[state.system.name]))
    rows = sorted(found, key=lambda row: (row[0], row[1] or "", row[2], row[3]))
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    kinds = (
        ("_table", pa.string()),
        ("_key", pa.string()),
        ("column_name", pa.string()),
        ("time_us", pa.int64()),
    )
    table = pa.table({name: pa.array(held, kind) for (name, kind), held in zip(kinds, columns, strict=True)})
    store.write_as("written", table)
    store.run(Station("changes", _placed_sql(states)))
    store.run(Station("moves", _MOVES))


_MOVES = (
    "SELECT _table, row_ord AS _ord, max(time_us) AS _moved_us FROM changes "
    "WHERE row_ord IS NOT NULL GROUP BY _table, row_ord"
)


def _placed_sql(states: tuple[State, ...]) -> str:
    tables = [table for state in states for table in state.tables.values()]
    rows = " UNION ALL ".join(f"SELECT '{t.kept_as}' AS _table, _key, _ord FROM {t.kept_as}" for t in tables)
    if not rows:
        return "SELECT _table, CAST(NULL AS BIGINT) AS row_ord, column_name, time_us FROM written"
    return (
        "SELECT w._table, s._ord AS row_ord, w.column_name, w.time_us FROM written AS w "
        f"LEFT JOIN ({rows}) AS s ON s._table = w._table AND s._key = w._key "
        "WHERE w._key IS NULL OR s._ord IS NOT NULL"
    )


def _changes_of(text: str, binds: str | None, time_us: int, state: State, dialect: str) -> Iterator[Change]:
    try:
        shaped = shape_statement(text, binds, dialect)
        tree = parse_shape(shaped.shape, dialect)
    except NotUnderstoodError:
        # What cannot be read may have written every table it names.
        for table in state.tables.values():
            if table.name.lower() in text.lower():
                yield table.kept_as, None, ANY_COLUMN, time_us
        return
    for node in tree.find_all(*_WRITES):
        yield from _changes_of_node(node, shaped, time_us, state)


def _changes_of_node(node: exp.Expr, shaped: Shaped, time_us: int, state: State) -> Iterator[Change]:
    if isinstance(node, exp.Copy) and not node.args.get("kind"):
        return
    target = node.this.find(exp.Table) if isinstance(node.this, exp.Expr) else None
    table = state.find(target.db, target.name) if target is not None else None
    if table is None:
        return
    columns = _columns_set(node)
    keys = _keys_written(node, table, shaped)
    for key in keys or (None,):
        for column in columns:
            yield table.kept_as, key, column, time_us


def _columns_set(node: exp.Expr) -> list[str]:
    if not isinstance(node, exp.Update):
        return [ANY_COLUMN]
    return sorted({part.this.name for part in node.expressions if isinstance(part, exp.EQ)}) or [ANY_COLUMN]


def _keys_written(node: exp.Expr, table: StateTable, shaped: Shaped) -> list[str]:
    """Return the keys of the rows a write names one by one, or none when it does not."""
    if isinstance(node, exp.Insert):
        return _keys_inserted(node, table, shaped)
    where = node.args.get("where")
    if where is None or not table.key or not isinstance(node, (exp.Update, exp.Delete)):
        return []
    wanted = {column: _equal_to(where, column, shaped) for column in table.key}
    if any(not values for values in wanted.values()) or (
        len(table.key) > 1 and any(len(v) > 1 for v in wanted.values())
    ):
        return []
    if len(table.key) == 1:
        return wanted[table.key[0]]
    return ["|".join(wanted[column][0] for column in table.key)]


def _equal_to(where: exp.Expr, column: str, shaped: Shaped) -> list[str]:
    if where.find(exp.Or):
        return []
    for node in where.find_all(exp.EQ, exp.In):
        left = node.this
        if not isinstance(left, exp.Column) or left.name != column:
            continue
        values = [node.expression] if isinstance(node, exp.EQ) else node.expressions
        texts = [_text_of(value, shaped) for value in values]
        if texts and all(text is not None for text in texts):
            return [text for text in texts if text is not None]
    return []


def _keys_inserted(node: exp.Insert, table: StateTable, shaped: Shaped) -> list[str]:
    target, source = node.this, node.expression
    if not isinstance(target, exp.Schema) or not isinstance(source, exp.Values):
        return []
    names = [column.name for column in target.expressions]
    if not table.key or not set(table.key) <= set(names):
        return []
    keys: list[str] = []
    for row in source.expressions:
        parts = [_text_of(row.expressions[names.index(column)], shaped) for column in table.key]
        if any(part is None for part in parts):
            return []
        keys.append("|".join(part for part in parts if part is not None))
    return keys


def _text_of(value: exp.Expr, shaped: Shaped) -> str | None:
    number = marker_of(value.this if isinstance(value, exp.Cast) else value)
    return shaped.values[number].text if number is not None else None
