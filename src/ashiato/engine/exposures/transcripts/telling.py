"""Tells what a transcript gave: values, the fields of records they are, and the questions that prove it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from ashiato.datamap.model import DataMap, DataTable
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.exposures.transcripts.rebuilding import Rebuilt
from ashiato.engine.exposures.transcripts.rows import AskedRow, gather_rows
from ashiato.engine.exposures.transcripts.tying import Tied, find_table, tie_rows
from ashiato.engine.store import Row, Station, Store, quote_name, quote_text
from ashiato.engine.tables import EXPOSURES, PROOFS, RECOVERED

_SMALL = "a transcript's few values beside the snapshot"
_KINDS = {"BIGINT": pa.int64(), "INTEGER": pa.int32(), "VARCHAR": pa.string()}

# One row per record that an asked row can be x field asked of it. ``fit``: 2 the only one it can be, 1 the
# one its place speaks for, 0 another. A value of which nothing came out was only asked for.
_EXPOSURES = f"""
SELECT m.system, m.person_table AS table_name, m.person AS record_key, f.path,
       m.of_table || '.' || f.column_name AS field, f.rung,
       max(CASE WHEN f.rung = 'L1' THEN 2 ELSE m.fit + 2 END) AS grade, min(f.part) AS part,
       min(substr(CASE WHEN f.state <> 'complete' THEN ';blind' ELSE '' END
           || CASE WHEN m.fit < 2 THEN ';whose' ELSE '' END
           || CASE WHEN m.by_key = 1 AND strpos(m.key_columns, '|' || f.column_name || '|') = 0
                   THEN ';value-changed' ELSE '' END, 2)) AS reasons
FROM transcript_members AS m JOIN transcript_fields AS f ON f.row_no = m.row_no
WHERE m.person IS NOT NULL
GROUP BY m.system, m.person_table, m.person, f.path, m.of_table, f.column_name, f.rung
UNION ALL
SELECT {", ".join(EXPOSURES.columns)} FROM transcript_strangers
"""

_PROOFS = """
SELECT DISTINCT m.system, m.person_table AS table_name, m.person AS record_key, e.path, e.event_id,
       'transcript' AS shows
FROM transcript_members AS m
JOIN transcript_events AS e ON e.row_no = m.row_no AND (m.fit > 0 OR e.nth = 0)
WHERE m.person IS NOT NULL
UNION
SELECT DISTINCT s.system, s.table_name, s.record_key, s.path, e.event_id, 'transcript' AS shows
FROM transcript_strangers AS s JOIN transcript_events AS e ON e.row_no = s.row_no
"""

_NOBODY = (
    "SELECT CAST(0 AS BIGINT) AS row_no, '' AS system, '' AS of_table, '' AS row_key, "
    "CAST(NULL AS VARCHAR) AS person_table, CAST(NULL AS VARCHAR) AS person, 0 AS fit, 0 AS by_key, "
    "'' AS key_columns WHERE FALSE"
)


def tell_rows(store: Store, states: tuple[State, ...], datamap: DataMap, rebuilt: Sequence[Rebuilt]) -> None:
    """Write ``transcripts_exposures``, ``transcripts_proofs`` and ``transcripts_recovered``."""
    rows = gather_rows(rebuilt)
    tied = tie_rows(store, states, rows)
    _write_members(store, tied)
    _write_fields(store, rows)
    strangers = [
        line for n, row in enumerate(rows) if n not in tied for line in _strangers(n, row, states, datamap)
    ]
    _write(store, "transcript_strangers", {"row_no": "BIGINT", **EXPOSURES.columns}, strangers)
    store.run(Station("transcripts_exposures", _EXPOSURES))
    store.run(Station("transcripts_proofs", _PROOFS))
    told = [*_recovered(store, rows, states, datamap), *_enumerated(rebuilt)]
    _write(store, "transcripts_recovered", RECOVERED.columns, told)


def tell_nothing(store: Store) -> None:
    """Write the three relations empty, for runs without a hostile question."""
    for table in (EXPOSURES, PROOFS, RECOVERED):
        _write(store, f"transcripts_{table.name}", table.columns, [])


def _write_members(store: Store, tied: dict[int, Tied]) -> None:
    ties = [(n, t.relation, t.best, t.candidates, int(t.by_key)) for n, t in sorted(tied.items())]
    kinds = {"row_no": "BIGINT", "relation": "VARCHAR", "best": "BIGINT", "candidates": "BIGINT"}
    _write(store, "transcript_ties", {**kinds, "by_key": "INTEGER"}, ties)
    relations = sorted({t.relation: t.table for t in tied.values()}.items())
    members = [_NOBODY, *(_members_sql(relation, table) for relation, table in relations)]
    store.run(Station("transcript_members", " UNION ALL ".join(members), notyet=_SMALL))


def _members_sql(relation: str, table: StateTable) -> str:
    return (
        f"SELECT a.row_no, {quote_text(table.system)} AS system, {quote_text(table.name)} AS of_table, "
        "s._key AS row_key, s._person_table AS person_table, s._person AS person, "
        "CASE WHEN a.candidates = 1 THEN 2 WHEN t.row_ord = a.best THEN 1 ELSE 0 END AS fit, a.by_key, "
        f"{quote_text(f'|{chr(124).join(table.key)}|')} AS key_columns "
        f"FROM transcript_ties AS a JOIN {relation} AS t ON t.row_no = a.row_no "
        f"JOIN {quote_name(table.kept_as)} AS s ON s._ord = t.row_ord "
        f"WHERE a.relation = {quote_text(relation)}"
    )


def _write_fields(store: Store, rows: Sequence[AskedRow]) -> None:
    kinds = {"row_no": "BIGINT", "path": "VARCHAR", "column_name": "VARCHAR", "state": "VARCHAR"}
    fields = [
        (
            number,
            row.path,
            piece.column,
            piece.state,
            "L1" if piece.state == "tried" else "L4",
            _part(piece.known),
        )
        for number, row in enumerate(rows)
        for piece in row.pieces
        if piece.value or piece.state == "tried"
    ]
    _write(store, "transcript_fields", {**kinds, "rung": "VARCHAR", "part": "VARCHAR"}, fields)
    events = [
        (number, row.path, event, nth)
        for number, row in enumerate(rows)
        for nth, event in enumerate(sorted(row.events))
    ]
    kinds = {"row_no": "BIGINT", "path": "VARCHAR", "event_id": "BIGINT", "nth": "BIGINT"}
    _write(store, "transcript_events", kinds, events)


def _part(known: str) -> str | None:
    return f"characters={known}" if known else None


def _strangers(number: int, row: AskedRow, states: tuple[State, ...], datamap: DataMap) -> Iterator[Row]:
    """Yield the fields of a row that no snapshot holds, where the data map says its table is on people."""
    system, table, key = _home_of(row, states, datamap)
    if system is None:
        return
    seen: set[str] = set()
    for piece in row.pieces:
        if piece.value and piece.state != "tried" and piece.column not in seen:
            seen.add(piece.column)
            reasons = "not-in-master" if piece.state == "complete" else "not-in-master;blind"
            yield (
                number,
                system,
                table,
                key,
                row.path,
                f"{table}.{piece.column}",
                "L4",
                4,
                _part(piece.known),
                reasons,
            )


def _home_of(row: AskedRow, states: tuple[State, ...], datamap: DataMap) -> tuple[str | None, str, str]:
    """Return (system or None, table, key) that a row is listed under when no record of a snapshot is it."""
    state = find_table(states, row.table)
    mapped = _mapped(datamap, row.table)
    name = mapped[1].name if mapped else state.name if state else row.table
    columns = mapped[1].key if mapped else ()
    known = {column.lower(): value for column, value in row.known().items()}
    told = [known[column.lower()] for column in columns if column.lower() in known]
    key = "|".join(told) if columns and len(told) == len(columns) else row.place
    personal = mapped is not None and (mapped[1].person or mapped[1].belongs is not None)
    return (mapped[0] if mapped and personal else None), name, key


def _mapped(datamap: DataMap, name: str) -> tuple[str, DataTable] | None:
    found = [
        (system.name, table)
        for system in datamap.systems.values()
        for table in system.tables.values()
        if table.name.lower() == name.lower()
    ]
    return found[0] if found else None


def _recovered(
    store: Store, rows: Sequence[AskedRow], states: tuple[State, ...], datamap: DataMap
) -> Iterator[Row]:
    members = "SELECT row_no, of_table, row_key, person_table, person FROM transcript_members WHERE fit > 0"
    tied = {number: told for number, *told in store.rows(members)}
    for number, row in enumerate(rows):
        if number in tied:
            table, row_key, person_table, person = tied[number]
            name, key = (person_table, person) if person is not None else (table, row_key)
        else:
            _, table, key = _home_of(row, states, datamap)
            name = table
        for piece in row.pieces:
            yield (row.path, name, key, f"{table}.{piece.column}", piece.value, piece.state, piece.event_id)


def _enumerated(rebuilt: Iterable[Rebuilt]) -> Iterator[Row]:
    """Yield what was asked of the database itself: names, counts, versions; no person's record."""
    for value in rebuilt:
        sought = value.sought
        if sought.table is None and value.state != "tried":
            place, event = sought.place, value.events[-1]
            yield value.path, sought.source, place, sought.label, value.value, "enumerated", event


def _write(store: Store, name: str, kinds: dict[str, str], rows: Sequence[Row]) -> None:
    schema = pa.schema([(column, _KINDS[kind]) for column, kind in kinds.items()])
    arrays = [pa.array([row[i] for row in rows], kind) for i, kind in enumerate(schema.types)]
    store.write_as(name, pa.table(arrays, schema=schema))
