"""Logged writes: which rows and columns changed when, so that a replay knows what it cannot trust.

``changes``: one row per written row x column; ``row_ord`` is NULL where the statement's rows cannot be
told, which touches every row of the table. ``moves``: when a row's last known move in the heap was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from ashiato.engine.exposures.ghosts import Gone, Known, write_ghosts
from ashiato.engine.exposures.shapes import (
    NotUnderstoodError,
    Shaped,
    marker_of,
    parse_shape,
    shape_statement,
)
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.store import Station, Store, quote_name

#: What was written, where it is no single column: any of them, or the row as a whole, put in.
ANY_COLUMN = "*"
ARRIVED = "+"
#: Among a table's changed columns: some write's rows cannot be told.
ANY_ROW = "?"
# A write that the log says touched no row changed nothing.
_WRITTEN = (
    "SELECT start_us, query_text, query_binds FROM events WHERE event_kind = 'sql' AND error_code IS NULL "
    "AND error_text IS NULL "
    "AND COALESCE(query_rows, 1) > 0 "
    "AND regexp_matches(query_text, '(?i)\\b(update|insert|delete|merge|truncate|copy|alter|drop)\\b') "
    "ORDER BY event_id"
)
_WRITES = (exp.Update, exp.Insert, exp.Delete, exp.Merge, exp.TruncateTable, exp.Copy, exp.Alter, exp.Drop)


@dataclass(frozen=True)
class Change:
    """A column of a row written at a time; ``key`` None: the statement does not say of which row."""

    kept_as: str
    key: str | None
    column: str
    time_us: int


@dataclass(frozen=True, order=True)
class Insertion:
    """A row put in at a time: what its statement says of it, and ``told``, all of it, key included."""

    kept_as: str
    columns: tuple[str, ...]
    values: tuple[str, ...]
    time_us: int
    told: Known = ()


def find_changes(store: Store, states: tuple[State, ...], dialects: dict[str, str]) -> None:
    """Write ``changes`` and ``moves`` from every write in the logs, whoever made it."""
    found: set[Change] = set()
    inserted: set[Insertion] = set()
    gone: set[Gone] = set()
    for start_us, text, binds in store.rows(_WRITTEN) if store.has("events") else []:
        for state in states:
            for write in _writes_of(text, binds, start_us, state, dialects[state.system.name]):
                if isinstance(write, Change):
                    found.add(write)
                elif isinstance(write, Gone):
                    gone.add(write)
                else:
                    inserted.add(write)
    _write_changes(store, found)
    kept = _of_lasting_columns(inserted, found)
    placed = [_placed_sql(states), *_write_insertions(store, states, kept)]
    store.run(Station("changes", " UNION ALL ".join(placed)))
    store.run(Station("moves", _MOVES))
    put_in = [Gone(row.kept_as, row.told, row.time_us) for row in sorted(inserted)]
    write_ghosts(store, states, sorted(gone), put_in)


def changed_columns(store: Store) -> dict[str, frozenset[str]]:
    """Return, by table, the columns that were ever written, and the marks above."""
    found: dict[str, set[str]] = {}
    sql = (
        "SELECT _table, column_name, max(CASE WHEN row_ord IS NULL THEN 1 ELSE 0 END) FROM changes "
        "GROUP BY _table, column_name"
    )
    for table, column, of_any_row in store.rows(sql):
        found.setdefault(table, set()).update({column, ANY_ROW} if of_any_row else {column})
    return {table: frozenset(columns) for table, columns in found.items()}


def _write_changes(store: Store, found: set[Change]) -> None:
    rows = sorted(found, key=lambda row: (row.kept_as, row.key or "", row.column, row.time_us))
    columns = {
        "_table": pa.array([row.kept_as for row in rows], pa.string()),
        "_key": pa.array([row.key for row in rows], pa.string()),
        "column_name": pa.array([row.column for row in rows], pa.string()),
        "time_us": pa.array([row.time_us for row in rows], pa.int64()),
    }
    store.write_as("written", pa.table(columns))


def _of_lasting_columns(inserted: set[Insertion], found: set[Change]) -> set[Insertion]:
    """Tell rows put in by values that no later write may have changed, as far as any are left."""
    written = {(change.kept_as, change.column) for change in found}
    kept = set()
    for row in inserted:
        lasting = [i for i, column in enumerate(row.columns) if (row.kept_as, column) not in written]
        columns = tuple(row.columns[i] for i in lasting) or row.columns
        values = tuple(row.values[i] for i in lasting) or row.values
        kept.add(Insertion(row.kept_as, columns, values, row.time_us))
    return kept


def _write_insertions(store: Store, states: tuple[State, ...], inserted: set[Insertion]) -> list[str]:
    """Find the rows put in under unsaid keys by the values the statements do say."""
    tables = {table.kept_as: table for state in states for table in state.tables.values()}
    gathered: dict[tuple[str, tuple[str, ...]], list[Insertion]] = {}
    for insertion in sorted(inserted):
        gathered.setdefault((insertion.kept_as, insertion.columns), []).append(insertion)
    found = []
    for number, ((kept_as, columns), rows) in enumerate(sorted(gathered.items())):
        held = {f"v{i}": pa.array([row.values[i] for row in rows], pa.string()) for i in range(len(columns))}
        store.write_as(
            f"inserted_{number}", pa.table({**held, "time_us": pa.array([row.time_us for row in rows])})
        )
        same = " AND ".join(
            f"s.{quote_name(column)} = TRY_CAST(w.v{i} AS {tables[kept_as].columns[column]})"
            for i, column in enumerate(columns)
        )
        found.append(
            f"SELECT '{kept_as}' AS _table, s._ord AS row_ord, '{ARRIVED}' AS column_name, w.time_us "
            f"FROM inserted_{number} AS w JOIN {kept_as} AS s ON {same}"
        )
    return found


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


def _writes_of(
    text: str, binds: str | None, time_us: int, state: State, dialect: str
) -> Iterator[Change | Insertion | Gone]:
    try:
        shaped = shape_statement(text, binds, dialect)
        tree = parse_shape(shaped.shape, dialect)
    except NotUnderstoodError:
        # What cannot be read may have written every table it names.
        for table in state.tables.values():
            if table.name.lower() in text.lower():
                yield Change(table.kept_as, None, ANY_COLUMN, time_us)
        return
    for node in tree.find_all(*_WRITES):
        yield from _writes_of_node(node, shaped, time_us, state)


def _writes_of_node(
    node: exp.Expr, shaped: Shaped, time_us: int, state: State
) -> Iterator[Change | Insertion | Gone]:
    if isinstance(node, exp.Copy) and not node.args.get("kind"):
        return
    target = node.this.find(exp.Table) if isinstance(node.this, exp.Expr) else None
    table = state.find(target.db, target.name) if target is not None else None
    if table is None:
        return
    if isinstance(node, exp.Insert) and (rows := _rows_inserted(node, table, shaped)):
        for told in rows:
            # The key is enough; other values may have been written over since.
            by_key = {column: told[column] for column in table.key if column in told}
            named = by_key if by_key and len(by_key) == len(table.key) else told
            yield Insertion(
                table.kept_as, tuple(named), tuple(named.values()), time_us, tuple(sorted(told.items()))
            )
        return
    if isinstance(node, exp.Delete) and time_us <= state.as_of_us:
        # What the snapshot still holds was not taken out before it.
        for known in _rows_deleted(node, table, shaped):
            yield Gone(table.kept_as, known, time_us)
        return
    columns = _columns_set(node)
    keys = _keys_written(node, table, shaped)
    for key in keys or (None,):
        for column in columns:
            yield Change(table.kept_as, key, column, time_us)


def _columns_set(node: exp.Expr) -> list[str]:
    if not isinstance(node, exp.Update):
        return [ANY_COLUMN]
    return sorted({part.this.name for part in node.expressions if isinstance(part, exp.EQ)}) or [ANY_COLUMN]


def _keys_written(node: exp.Expr, table: StateTable, shaped: Shaped) -> list[str]:
    """Return the keys of the rows a write names one by one, or none when it does not."""
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


def _rows_deleted(node: exp.Delete, table: StateTable, shaped: Shaped) -> list[Known]:
    """Return what a DELETE says of the rows it took out, one by one where it names their keys."""
    where = node.args.get("where")
    if where is None:
        return [()]
    fixed = {name: texts for name in table.columns if (texts := _equal_to(where, name, shaped))}
    single = {name: texts[0] for name, texts in fixed.items() if len(texts) == 1}
    several = [name for name, texts in fixed.items() if len(texts) > 1 and table.key == (name,)]
    if not several:
        return [tuple(sorted(single.items()))]
    (key,) = several
    return [tuple(sorted((single | {key: text}).items())) for text in fixed[key]]


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


def _rows_inserted(node: exp.Insert, table: StateTable, shaped: Shaped) -> list[dict[str, str]]:
    """Return, for each row put in, the values the statement says, by column.

    None at all when a row says nothing, or updates one that was there (ON CONFLICT).
    """
    target, source = node.this, node.expression
    if not isinstance(target, exp.Schema) or not isinstance(source, exp.Values) or node.args.get("conflict"):
        return []
    names = [column.name for column in target.expressions]
    rows = []
    for row in source.expressions:
        told = {
            name: text
            for name, value in zip(names, row.expressions, strict=False)
            if (text := _text_of(value, shaped)) is not None and name in table.columns
        }
        rows.append(told)
    return rows if all(rows) else []


def _text_of(value: exp.Expr, shaped: Shaped) -> str | None:
    number = marker_of(value.this if isinstance(value, exp.Cast) else value)
    return shaped.values[number].text if number is not None else None
