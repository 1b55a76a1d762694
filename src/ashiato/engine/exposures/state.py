"""The state at that moment: each snapshot's tables as typed Parquet, every row tied to its person.

A state table holds the snapshot's columns and four of ours: ``_ord`` (the row's place in the
snapshot, from 0), ``_key`` (its key as text, parts joined by ``|``), ``_person_table`` and ``_person``
(the record of the person it hangs on, NULL for rows that hang on nobody).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ashiato.datamap.draft.seen import SeenTable
from ashiato.datamap.draft.sql_text import cut_statements
from ashiato.datamap.model import DataTable, System
from ashiato.engine.exposures.column_marks import Marking, schema_marks, told_marks
from ashiato.engine.exposures.declared import declared_in, is_only_key
from ashiato.engine.exposures.pieces import OWN, merge, unite
from ashiato.engine.exposures.sameness import TextRules
from ashiato.engine.exposures.taken import File, Lacking, take
from ashiato.engine.snapshot_tables import read_table
from ashiato.engine.store import Station, Store, quote_name, quote_text
from ashiato.engine.workspace import Snapshot, Workspace
from ashiato.terms.errors import EvidenceError

# Larger tables may be scanned by several sessions in step, starting anywhere (synchronize_seqscans).
_HEAP_ROWS = 1_000_000
MYSQL_ENGINES = frozenset({"mysql", "mariadb"})
CLUSTERED = "clustered"
_WHOLE = exp.DataType.INTEGER_TYPES
_LONGEST_KEY = 4
_CREATE = re.compile(r"\s*CREATE\s+(\w+\s+){0,2}TABLE\s", re.IGNORECASE)
#: How SQL Server writes a table's name, which elsewhere no name begins with.
_IN_BRACKETS = re.compile(r"\s*CREATE\s+TABLE\s+\[", re.IGNORECASE)
#: Why the cluster engine does not make these tables.
TYPING = "reads text as dates and numbers, each engine by rules of its own"
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
    newest snapshot is sorted by a key that counts up, ``snapshot`` when it is in no key's order and so in
    the heap's own, ``clustered`` when rows lie in their key's order unless another index was read, None when
    nothing tells. ``owner``: the people table, or the table on the way to one,
    whose key stands in these columns of a row. ``seen_us``: the moments of the snapshots that hold it.
    ``lived``: its rows have times, ``_from_us`` up to ``_to_us``, in which they were as they stand there;
    ``_restless`` 1: what is in doubt of the row is told of it alone. ``required``: columns that always hold
    a value. ``marks``: columns that compare in a way of their own: by a collation's name, padded, or holding
    days no calendar knows.
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
    seen_us: tuple[int, ...] = ()
    lived: bool = False
    required: frozenset[str] = frozenset()
    updated_at: str | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    #: Whether the schema knows of nothing unique but the key.
    only_key: bool = False

    @property
    def place(self) -> str:
        """What the names of its relations have in common: ``raw<place>``, ``state<place>``."""
        return self.kept_as.removeprefix("state")

    def since_sql(self, alias: str, zone: str | None) -> str:
        """Return an SQL number: since when a row was not written, as it says itself; NULL where it does not.

        A second is added, for what the clock that wrote it may differ by from the log's.
        """
        if self.updated_at is None:
            return "CAST(NULL AS BIGINT)"
        value, kind = f"{alias}.{quote_name(self.updated_at)}", self.columns[self.updated_at]
        text = f"CAST({value} AS VARCHAR)"
        there = f"timezone({quote_text(zone or 'UTC')}, TRY_CAST({text} AS TIMESTAMP))"
        moment = f"TRY_CAST({text} AS TIMESTAMP WITH TIME ZONE)"
        zoned = f"regexp_matches({text}, ':[0-9.]+ ?([+-][0-9:]+|Z)$')"
        if kind == "TIMESTAMP":
            moment = there
        elif kind == "VARCHAR":
            moment = f"CASE WHEN {zoned} THEN {moment} ELSE {there} END"
        elif kind != "TIMESTAMP WITH TIME ZONE":
            return "CAST(NULL AS BIGINT)"
        return f"epoch_us({moment}) + 1000000"


@dataclass(frozen=True)
class State:
    """All tables of one system; ``as_of_us``: the newest snapshot's moment; ``schema``: its SQL.

    ``declared``: what that says of each table's keys and references.
    """

    system: System
    as_of_us: int
    tables: dict[str, StateTable]
    zone: str = "UTC"
    schema: str = ""
    lacking: tuple[Lacking, ...] = ()
    declared: Mapping[str, SeenTable] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """The names of its tables and their columns."""
        return frozenset(self.tables).union(*(table.columns for table in self.tables.values()))

    @property
    def rules(self) -> TextRules:
        """How the system compares text, days and moments."""
        found: dict[str, set[str]] = {}
        for table in self.tables.values():
            for column in table.columns:
                found.setdefault(column, set()).add(table.marks.get(column, ""))
        columns = {name: frozenset(marks) for name, marks in found.items()}
        told = self.system.zone is not None
        return TextRules(self.system.engine, self.system.collation, self.zone, columns, zone_told=told)

    def find_written(self, schema: str | None, name: str) -> StateTable | None:
        """Return the table a write means, however its name's letters are cased."""
        found = self.find(schema, name)
        if found is not None:
            return found
        folded = {known.lower(): known for known in sorted(self.tables, reverse=True)}
        own = ("", self.system.default_schema.lower())
        mysql = self.system.engine in MYSQL_ENGINES
        here = (*own, self.system.name.lower()) if mysql else own
        schema, name = (schema or "").lower(), name.lower()
        known = folded.get(name if schema in here else f"{schema}.{name}")
        return self.tables[known] if known is not None else None

    def find(self, schema: str | None, name: str) -> StateTable | None:
        """Return the table a statement means, or None when the snapshot does not hold it."""
        own = (None, "", self.system.default_schema)
        if schema in own or (self.system.engine in MYSQL_ENGINES and schema == self.system.name):
            return self.tables.get(name)
        return self.tables.get(f"{schema}.{name}")


def load_states(workspace: Workspace) -> tuple[State, ...]:
    """Load, for each system, its snapshots; a system without a table in the data map is left out."""
    taken: dict[str, list[Snapshot]] = {}
    for snapshot in sorted(workspace.snapshots, key=lambda one: one.as_of_us):
        system = _system_of(snapshot.system, workspace.datamap.systems)
        if system is not None:
            taken.setdefault(system.name, []).append(snapshot)
    systems, otherwise = workspace.datamap.systems, workspace.datamap.zone or workspace.zone.key
    return tuple(
        replace(
            _load(workspace.store, number, systems[name], taken[name]), zone=systems[name].zone or otherwise
        )
        for number, name in enumerate(sorted(taken))
    )


def _system_of(name: str, systems: dict[str, System]) -> System | None:
    if name in systems:
        return systems[name]
    # A snapshot added without a system's name means the only system there is.
    return next(iter(systems.values())) if len(systems) == 1 else None


def _load(store: Store, number: int, system: System, snapshots: Sequence[Snapshot]) -> State:
    typed = _declared(snapshots)
    taken = take(system, snapshots)
    system = taken.system
    raw: dict[str, str] = {}
    held: dict[str, list[File]] = {}
    lacking = list(taken.lacking)
    for name, files in taken.files.items():
        mapped = system.tables.get(name, DataTable(name))
        kept_as = f"raw{number}_{_safe(name)}"
        read = _readable(store, kept_as, files)
        held[name] = list(read.values())
        lacking += [Lacking(name, "", file.as_of_us) for file in files if file not in held[name]]
        if not read:
            continue
        types = {**typed.get(name, {}), **_mapped_types(mapped)}
        raw[name] = _gather(store, kept_as, mapped, read, types)
    tables: dict[str, StateTable] = {}
    marks = schema_marks((one.folder / "schema.sql" for one in snapshots), system.engine)
    for name in _parents_first(system, raw):
        mapped = system.tables.get(name, DataTable(name))
        types = {**typed.get(name, {}), **_mapped_types(mapped)}
        told = told_marks(marks.get(mapped.name, {}), mapped, system.engine)
        table = _load_table(store, mapped, raw[name], tables, Marking(types, told, system.engine))
        seen = tuple(file.as_of_us for file in held[name])
        heap = table.heap if len(seen) == 1 else _newest_heap(store, table, raw[name], seen[-1])
        if system.engine in MYSQL_ENGINES:
            # Tables of InnoDB lie in their key's order, and any of their indexes may be read instead.
            heap = CLUSTERED if heap == "insertion" else None
        tables[name] = replace(table, system=system.name, seen_us=seen, heap=heap)
    schema, declared = _schema_of(snapshots), declared_in(one.folder for one in snapshots)
    state = State(system, snapshots[-1].as_of_us, tables, schema=schema, lacking=tuple(sorted(lacking)))
    return replace(state, tables=_with_uniques(tables, declared), declared=declared)


def _with_uniques(
    tables: Mapping[str, StateTable], declared: Mapping[str, SeenTable]
) -> dict[str, StateTable]:
    return {
        name: replace(table, only_key=is_only_key(declared.get(name), table.key))
        for name, table in tables.items()
    }


def _schema_of(snapshots: Sequence[Snapshot]) -> str:
    """Return what the snapshots' schemas say, an older one's first."""
    files = [one.folder / "schema.sql" for one in snapshots]
    return ";\n".join(file.read_text("utf-8", "replace") for file in files if file.is_file())


def _declared(snapshots: Sequence[Snapshot]) -> dict[str, dict[str, str]]:
    """Return the column types of every snapshot's schema, a newer one's before an older one's."""
    found: dict[str, dict[str, str]] = {}
    for one in snapshots:
        for table, types in declared_types(one.folder / "schema.sql").items():
            found.setdefault(table, {}).update(types)
    return found


def _readable(store: Store, kept_as: str, files: Sequence[File]) -> dict[str, File]:
    """Read each of a table's files, and return them by what they are kept as; left out: what is no table."""
    found: dict[str, File] = {}
    for number, file in enumerate(files):
        name = f"{kept_as}_{number}" if len(files) > 1 else kept_as
        with suppress(EvidenceError):
            found[read_table(store, name, file.path)] = file
    return found


def _gather(
    store: Store, kept_as: str, mapped: DataTable, read: Mapping[str, File], types: Mapping[str, str]
) -> str:
    """Keep each content of a row once, of the files that were read of a table."""
    if len(read) == 1:
        (name,) = read
        return name if name == kept_as else read_table(store, kept_as, read[name].path)
    parts = [(file.as_of_us, name) for name, file in read.items()]
    whole = unite(store, kept_as, parts)
    kinds = _kinds_of(store, whole, types)
    return merge(store, kept_as, len(parts), kinds, mapped.key)


def _kinds_of(store: Store, raw: str, types: Mapping[str, str]) -> dict[str, str]:
    """Return the type of each column of a file: as declared, else as its values tell."""
    names = [name for name in store.columns(raw) if name not in (*OWN, "_ord")]
    told = _inferred(store, raw, [name for name in names if not types.get(name)])
    return {name: told.get(name) or types[name] for name in names}


def _newest_heap(store: Store, table: StateTable, raw: str, newest_us: int) -> str | None:
    """Tell what models the heap, by the newest of several snapshots; an order of its own is not whole."""
    name = f"newest_{table.kept_as}"
    rows = f"SELECT s.* FROM {table.kept_as} AS s JOIN {raw} AS r ON r._ord = s._ord"
    store.run(Station(name, f"{rows} WHERE r._last_us = {newest_us}"))
    heap = _heap_of(store, name, table.key, table.columns) if table.rows <= _HEAP_ROWS else None
    return heap if heap == "insertion" else None


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


def _load_table(
    store: Store,
    mapped: DataTable,
    raw: str,
    done: dict[str, StateTable],
    marking: Marking,
) -> StateTable:
    kinds, marks = marking.settle(store, raw, _kinds_of(store, raw, marking.types))
    key = tuple(part for part in mapped.key if part in kinds)
    kept_as = raw.replace("raw", "state", 1)
    store.run(Station(kept_as, state_sql(raw, kinds, key, mapped, done), notyet=TYPING))
    rows = store.count(kept_as)
    parent = done.get(mapped.belongs.table) if mapped.belongs else None
    person_table = mapped.name if mapped.person else (parent.person_table if parent else None)
    heap = _heap_of(store, kept_as, key, kinds) if rows <= _HEAP_ROWS else None
    owner = (mapped.name, key) if mapped.person else None
    if owner is None and mapped.belongs:
        owner = (mapped.belongs.table, mapped.belongs.columns)
    updated_at = mapped.updated_at if mapped.updated_at in kinds else None
    return StateTable(
        "",
        mapped.name,
        kept_as,
        kinds,
        person_table,
        rows,
        key,
        heap,
        owner,
        updated_at=updated_at,
        marks=marks,
    )


def state_sql(
    raw: str,
    kinds: Mapping[str, str],
    key: tuple[str, ...],
    mapped: DataTable,
    done: Mapping[str, StateTable],
    *,
    lived: bool = False,
) -> str:
    """Return the query for a table's rows, typed and tied to people; ``lived``: with their times."""
    typed = ", ".join(
        f"TRY_CAST(r.{quote_name(name)} AS {kind}) AS {quote_name(name)}" for name, kind in kinds.items()
    )
    own_key = "r._own" if lived else key_sql("r", key) if key else "CAST(r._ord AS VARCHAR)"
    times = "r._from_us AS _from_us, r._to_us AS _to_us, r._restless AS _restless, " if lived else ""
    parent = done.get(mapped.belongs.table) if mapped.belongs else None
    if mapped.person:
        person, source = f"{quote_text(mapped.name)} AS _person_table, {own_key} AS _person", ""
    elif mapped.belongs and parent and parent.person_table:
        match = key_sql("r", mapped.belongs.columns)
        person = f"{quote_text(parent.person_table)} AS _person_table, o._person AS _person"
        owners = f"SELECT _key, min(_person) AS _person FROM {quote_name(parent.kept_as)} GROUP BY _key"
        source = f" LEFT JOIN ({owners}) AS o ON o._key = {match}"
    else:
        person, source = "CAST(NULL AS VARCHAR) AS _person_table, CAST(NULL AS VARCHAR) AS _person", ""
    return (
        f"SELECT r._ord AS _ord, {own_key} AS _key, {person}, {times}{typed} "
        f"FROM {quote_name(raw)} AS r{source} ORDER BY r._ord"
    )


def key_sql(alias: str, parts: tuple[str, ...]) -> str:
    """Return the text of a row's key: its parts joined by ``|``."""
    return " || '|' || ".join(f"COALESCE({alias}.{quote_name(part)}, '')" for part in parts)


def _heap_of(store: Store, kept_as: str, key: tuple[str, ...], kinds: Mapping[str, str]) -> str | None:
    if not key:
        return None
    # Sorted by whichever part of a key comes first, it says nothing of the heap.
    orders = list(permutations(key)) if len(key) <= _LONGEST_KEY else [key]
    if not any(_is_sorted(store, kept_as, order) for order in orders):
        return "snapshot"
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


def _inferred(store: Store, raw: str, names: Sequence[str]) -> dict[str, str]:
    """Read columns' types from all their values; whatever would lose a leading zero stays text."""
    tests = ", ".join(
        f"count({column}), "
        f"count(*) FILTER (WHERE NOT regexp_matches({column}, '^(0|-?[1-9][0-9]{{0,17}})$')), "
        f"count(*) FILTER (WHERE NOT regexp_matches({column}, '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$'))"
        for column in map(quote_name, names)
    )
    (counts,) = store.rows(f"SELECT {tests} FROM {quote_name(raw)}") if names else [()]
    return {name: _kind_told(*counts[3 * place : 3 * place + 3]) for place, name in enumerate(names)}


def _kind_told(filled: int, not_whole: int, not_date: int) -> str:
    if filled and not not_whole:
        return "BIGINT"
    return "DATE" if filled and not not_date else "VARCHAR"


def declared_types(schema: Path) -> dict[str, dict[str, str]]:
    """Read column types from a schema file (``table -> column -> SQL type``), if there is one."""
    if not schema.is_file():
        return {}
    found: dict[str, dict[str, str]] = {}
    with schema.open(encoding="utf-8", errors="replace") as lines:
        for text in cut_statements(lines, _CREATE):
            made = _parsed(text)
            table = made.find(exp.Table) if made is not None else None
            if made is not None and table is not None:
                columns = made.find_all(exp.ColumnDef)
                found[table.name] = {column.name: _kind_of(column.args.get("kind")) for column in columns}
    return found


def _parsed(text: str) -> exp.Expr | None:
    """Read a table's definition, or None where it cannot be read: its types are told by its values then."""
    dialect = "mysql" if "`" in text else "tsql" if _IN_BRACKETS.match(text) else "postgres"
    try:
        return sqlglot.parse_one(text, read=dialect, error_level=sqlglot.ErrorLevel.IGNORE)
    except SqlglotError:
        return None


def _mapped_types(mapped: DataTable) -> dict[str, str]:
    return {
        name: _kind_of(_type_named(column.type)) for name, column in mapped.columns.items() if column.type
    }


def _type_named(told: str) -> exp.Expr | None:
    """Return a type of the data map, or None where PostgreSQL has none so named (``uniqueidentifier``)."""
    try:
        return exp.DataType.build(told, dialect="postgres")
    except SqlglotError:
        return None


def _kind_of(declared: exp.Expr | None) -> str:
    if not isinstance(declared, exp.DataType):
        return "VARCHAR"
    if declared.this in _WHOLE:
        return "BIGINT"
    return _KINDS.get(declared.this, "VARCHAR")


def _safe(name: str) -> str:
    return re.sub(r"[^a-z0-9_]", "_", name.lower())
