"""The state at that moment: each snapshot's tables as typed Parquet, every row tied to its person.

A state table holds the snapshot's columns and four of ours: ``_ord`` (the row's place in the
snapshot, from 0), ``_key`` (its key as text, parts joined by ``|``), ``_person_table`` and ``_person``
(the record of the person it hangs on, NULL for rows that hang on nobody).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import sqlglot
from sqlglot import exp

from ashiato.datamap.model import DataTable, System
from ashiato.engine.exposures.collations import Collation, collation_of
from ashiato.engine.store import Station, Store, quote_name, quote_text
from ashiato.engine.tables import MASTER
from ashiato.engine.workspace import Snapshot, Workspace
from ashiato.terms.errors import EvidenceError, Place

# Larger tables may be scanned by several sessions in step, starting anywhere (synchronize_seqscans).
_HEAP_ROWS = 1_000_000
_WHOLE = exp.DataType.INTEGER_TYPES
_KINDS = {
    exp.DType.DECIMAL: "DECIMAL(38, 10)",
    exp.DType.DOUBLE: "DOUBLE",
    exp.DType.FLOAT: "DOUBLE",
    exp.DType.BOOLEAN: "BOOLEAN",
    exp.DType.DATE: "DATE",
    exp.DType.TIMESTAMP: "TIMESTAMP",
    exp.DType.TIMESTAMPNTZ: "TIMESTAMP",
    exp.DType.TIMESTAMPTZ: "TIMESTAMP WITH TIME ZONE",
}


@dataclass(frozen=True)
class StateTable:
    """One table of the state: where it is kept and what its columns are (name -> SQL type).

    ``heap``: whether the order in which its rows were inserted can be modelled: ``insertion`` when the
    snapshot is sorted by a key that counts up, ``snapshot`` when it is in no key's order and so in the
    heap's own, None when nothing tells. ``owner``: the people table, or the table on the way to one, whose
    key stands in these columns of a row.
    """

    system: str
    name: str
    kept_as: str
    columns: dict[str, str]
    person_table: str | None
    rows: int
    key: tuple[str, ...]
    heap: str | None
    owner: tuple[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class State:
    """All tables of one system as of one moment."""

    system: System
    as_of_us: int
    tables: dict[str, StateTable]

    @property
    def collation(self) -> Collation:
        """How the system sorts text."""
        return collation_of(self.system.collation, self.system.engine, self.system.zone)

    def find(self, schema: str | None, name: str) -> StateTable | None:
        """Return the table a statement means, or None when the snapshot does not hold it."""
        if schema not in (None, "", self.system.default_schema):
            return self.tables.get(f"{schema}.{name}")
        return self.tables.get(name)


def load_states(workspace: Workspace) -> tuple[State, ...]:
    """Load, for each system, its newest snapshot; a system without a table in the data map is left out."""
    newest: dict[str, Snapshot] = {}
    for snapshot in sorted(workspace.snapshots, key=lambda taken: taken.as_of_us):
        newest[snapshot.system] = snapshot
    systems = workspace.datamap.systems
    named = {name: _system_of(name, systems) for name in newest}
    return tuple(
        _load(workspace.store, number, system, newest[name])
        for number, (name, system) in enumerate(sorted(named.items()))
        if system is not None
    )


def _system_of(name: str, systems: dict[str, System]) -> System | None:
    if name in systems:
        return systems[name]
    # A snapshot added without a system's name means the only system there is.
    return next(iter(systems.values())) if len(systems) == 1 else None


def _load(store: Store, number: int, system: System, snapshot: Snapshot) -> State:
    declared = declared_types(snapshot.folder / "schema.sql")
    files = {path.stem: path for path in sorted(snapshot.folder.glob("*.csv"))}
    raw = {name: _read_file(store, f"raw{number}_{_safe(name)}", path) for name, path in files.items()}
    tables: dict[str, StateTable] = {}
    for name in _parents_first(system, raw):
        mapped = system.tables.get(name, DataTable(name))
        types = {**declared.get(name, {}), **_mapped_types(mapped)}
        table = _load_table(store, mapped, raw[name], types, tables)
        tables[name] = replace(table, system=system.name)
    return State(system, snapshot.as_of_us, tables)


def master_sql(states: tuple[State, ...]) -> str:
    """Return the query for every record of every people table, with its persona."""
    parts = [
        f"SELECT {quote_text(table.system)} AS system, {quote_text(table.name)} AS table_name, "
        f"min(_key) AS record_key, min({_persona_sql(state.system.tables[table.name])}) AS persona "
        f"FROM {quote_name(table.kept_as)} GROUP BY _key"
        for state in states
        for table in state.tables.values()
        if table.person_table == table.name
    ]
    nobody = ", ".join(f"'' AS {name}" for name in MASTER.columns)
    return " UNION ALL ".join(parts) or f"SELECT {nobody} WHERE FALSE"


def _persona_sql(mapped: DataTable) -> str:
    plain = quote_text(mapped.persona or mapped.name)
    if mapped.persona_column is None or not mapped.personas:
        return plain
    column = f"CAST({quote_name(mapped.persona_column)} AS VARCHAR)"
    cases = "".join(
        f" WHEN {column} = {quote_text(value)} THEN {quote_text(persona)}"
        for value, persona in sorted(mapped.personas.items())
    )
    return f"CASE{cases} ELSE {plain} END"


def _parents_first(system: System, raw: dict[str, str]) -> list[str]:
    placed: list[str] = []

    def place(name: str) -> None:
        mapped = system.tables.get(name)
        if mapped and mapped.belongs and mapped.belongs.table in raw and name != mapped.belongs.table:
            place(mapped.belongs.table)
        if name not in placed:
            placed.append(name)

    for name in sorted(raw):
        place(name)
    return placed


def _read_file(store: Store, kept_as: str, path: Path) -> str:
    """Keep a CSV file as text columns plus ``_ord``; an unquoted empty cell is NULL."""
    sql = (
        "SELECT row_number() OVER () - 1 AS _ord, * FROM read_csv("
        f"{quote_text(str(path))}, header = true, all_varchar = true, nullstr = '', "
        "allow_quoted_nulls = false, parallel = false, max_line_size = 16777216, quote = '\"', "
        "escape = '\"', delim = ',', strict_mode = false)"
    )
    try:
        store.run(Station(kept_as, sql, notyet="reads the snapshot's CSV"))
    except Exception as error:
        where = Place(str(path.name))
        message = f"the snapshot file cannot be read as CSV: {str(error).splitlines()[0]}"
        raise EvidenceError(
            message, where=where, fix="write it as RFC 4180 CSV with a header line"
        ) from error
    return kept_as


def _load_table(
    store: Store, mapped: DataTable, raw: str, types: dict[str, str], done: dict[str, StateTable]
) -> StateTable:
    names = [name for name in store.columns(raw) if name != "_ord"]
    kinds = {name: types.get(name) or _inferred(store, raw, name) for name in names}
    key = tuple(part for part in mapped.key if part in kinds)
    kept_as = raw.replace("raw", "state", 1)
    typing = "reads text as dates and numbers, each engine by rules of its own"
    store.run(Station(kept_as, _state_sql(raw, kinds, key, mapped, done), notyet=typing))
    rows = int(store.rows(f"SELECT count(*) FROM {quote_name(kept_as)}")[0][0])
    parent = done.get(mapped.belongs.table) if mapped.belongs else None
    person_table = mapped.name if mapped.person else (parent.person_table if parent else None)
    heap = _heap_of(store, kept_as, key, kinds) if rows <= _HEAP_ROWS else None
    owner = (mapped.name, key) if mapped.person else None
    if owner is None and mapped.belongs:
        owner = (mapped.belongs.table, mapped.belongs.columns)
    return StateTable("", mapped.name, kept_as, kinds, person_table, rows, key, heap, owner)


def _state_sql(
    raw: str, kinds: dict[str, str], key: tuple[str, ...], mapped: DataTable, done: dict[str, StateTable]
) -> str:
    typed = ", ".join(
        f"TRY_CAST(r.{quote_name(name)} AS {kind}) AS {quote_name(name)}" for name, kind in kinds.items()
    )
    own_key = _key_sql("r", key) if key else "CAST(r._ord AS VARCHAR)"
    parent = done.get(mapped.belongs.table) if mapped.belongs else None
    if mapped.person:
        person, source = f"{quote_text(mapped.name)} AS _person_table, {own_key} AS _person", ""
    elif mapped.belongs and parent and parent.person_table:
        match = _key_sql("r", mapped.belongs.columns)
        person = f"{quote_text(parent.person_table)} AS _person_table, o._person AS _person"
        owners = f"SELECT _key, min(_person) AS _person FROM {quote_name(parent.kept_as)} GROUP BY _key"
        source = f" LEFT JOIN ({owners}) AS o ON o._key = {match}"
    else:
        person, source = "CAST(NULL AS VARCHAR) AS _person_table, CAST(NULL AS VARCHAR) AS _person", ""
    return (
        f"SELECT r._ord AS _ord, {own_key} AS _key, {person}, {typed} "
        f"FROM {quote_name(raw)} AS r{source} ORDER BY r._ord"
    )


def _key_sql(alias: str, parts: tuple[str, ...]) -> str:
    return " || '|' || ".join(f"COALESCE({alias}.{quote_name(part)}, '')" for part in parts)


def _heap_of(store: Store, kept_as: str, key: tuple[str, ...], kinds: dict[str, str]) -> str | None:
    if not key or not _is_sorted(store, kept_as, key):
        return "snapshot" if key else None
    counted = len(key) == 1 and (kinds[key[0]] == "BIGINT" or _counts_up(store, kept_as))
    return "insertion" if counted else None


def _counts_up(store: Store, kept_as: str) -> bool:
    """Tell whether text keys are a counter with a fixed prefix and width (``C-000123``)."""
    sql = (
        "SELECT count(DISTINCT regexp_replace(_key, '[0-9]+$', '')), count(DISTINCT length(_key)), "
        f"count(*) FILTER (WHERE NOT regexp_matches(_key, '[0-9]{{3,}}$')) FROM {quote_name(kept_as)}"
    )
    return tuple(store.rows(sql)[0]) == (1, 1, 0)


def _is_sorted(store: Store, kept_as: str, key: tuple[str, ...]) -> bool:
    names = ", ".join(quote_name(part) for part in key)
    sql = (
        f"SELECT count(*) FROM (SELECT ROW({names}) AS k, lag(ROW({names})) OVER (ORDER BY _ord) "
        f"AS before_it FROM {quote_name(kept_as)}) AS walk WHERE before_it >= k"
    )
    return int(store.rows(sql)[0][0]) == 0


def _inferred(store: Store, raw: str, name: str) -> str:
    """Read a column's type from all its values; whatever would lose a leading zero stays text."""
    column = quote_name(name)
    sql = (
        f"SELECT count({column}), "
        f"count(*) FILTER (WHERE NOT regexp_matches({column}, '^(0|-?[1-9][0-9]{{0,17}})$')), "
        f"count(*) FILTER (WHERE NOT regexp_matches({column}, '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$')) "
        f"FROM {quote_name(raw)}"
    )
    filled, not_whole, not_date = store.rows(sql)[0]
    if filled and not not_whole:
        return "BIGINT"
    return "DATE" if filled and not not_date else "VARCHAR"


def declared_types(schema: Path) -> dict[str, dict[str, str]]:
    """Read column types from a schema file (``table -> column -> SQL type``), if there is one."""
    if not schema.is_file():
        return {}
    found: dict[str, dict[str, str]] = {}
    text = schema.read_text("utf-8", "replace")
    statements = sqlglot.parse(text, read="postgres", error_level=sqlglot.ErrorLevel.IGNORE)
    for made in (tree for tree in statements if isinstance(tree, exp.Create)):
        table = made.find(exp.Table)
        columns = made.find_all(exp.ColumnDef)
        if table is not None:
            found[table.name] = {column.name: _kind_of(column.args.get("kind")) for column in columns}
    return found


def _mapped_types(mapped: DataTable) -> dict[str, str]:
    return {
        name: _kind_of(exp.DataType.build(column.type, dialect="postgres"))
        for name, column in mapped.columns.items()
        if column.type
    }


def _kind_of(declared: exp.Expr | None) -> str:
    if not isinstance(declared, exp.DataType):
        return "VARCHAR"
    if declared.this in _WHOLE:
        return "BIGINT"
    return _KINDS.get(declared.this, "VARCHAR")


def _safe(name: str) -> str:
    return re.sub(r"[^a-z0-9_]", "_", name.lower())
