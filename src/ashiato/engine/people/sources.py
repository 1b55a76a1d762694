"""Tables of people as the snapshots have them: of each record the newest row that there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ashiato.datamap.meanings import meanings_of
from ashiato.datamap.model import DataTable, System
from ashiato.datamap.snapshots import list_columns
from ashiato.engine.snapshot_tables import read_table
from ashiato.engine.store import Store, quote_name
from ashiato.engine.workspace import Workspace
from ashiato.terms.contacts import AddressUse
from ashiato.terms.errors import EvidenceError
from ashiato.terms.meanings import Meaning

# A record's forms, the way it is written and its pairs stand beside its values.
_BESIDE = 3


@dataclass(frozen=True)
class Kept:
    """One snapshot's file of a table: the name it is kept as in the store, and as of when it was taken."""

    name: str
    as_of_us: int


@dataclass(frozen=True)
class Source:
    """A table of people as the snapshots have it: its columns by what they mean, its files, newest first."""

    system: System
    table: DataTable
    meanings: Mapping[Meaning, tuple[str, ...]]
    kept: tuple[Kept, ...]

    def has(self, store: Store, column: str) -> bool:
        """Tell whether any of the files has a column."""
        return any(column in store.columns(each.name) for each in self.kept)


def list_sources(workspace: Workspace) -> tuple[Source, ...]:
    """Read every snapshot's file of every table of people; each row is kept until the stage is done."""
    people = {table.name for system in workspace.datamap.systems.values() for table in _people(system)}
    files = (file for one in workspace.snapshots for file in one.folder.glob("*.csv") if file.stem in people)
    workspace.store.make_room(_BESIDE * sum(file.stat().st_size for file in files))
    return tuple(_sources(workspace))


def _people(system: System) -> list[DataTable]:
    return [table for table in system.tables.values() if table.person and table.key]


def _sources(workspace: Workspace) -> Iterator[Source]:
    for number, (name, system) in enumerate(sorted(workspace.datamap.systems.items())):
        for count, table in enumerate(sorted(_people(system), key=lambda table: table.name)):
            kept = keep_files(workspace, name, table, f"{number}_{count}")
            if kept:
                yield Source(system, table, _compared(table), kept)


def _compared(table: DataTable) -> dict[Meaning, tuple[str, ...]]:
    """Return what people are told apart by: addresses of another time only where there is none of now."""
    found = {}
    for meaning, columns in meanings_of(table).items():
        of_now = tuple(name for name in columns if table.columns[name].contact in (None, AddressUse.NOW))
        found[meaning] = of_now or columns
    return found


def keep_files(workspace: Workspace, system: str, table: DataTable, place: str) -> tuple[Kept, ...]:
    """Read a table's files, newest first; one that is no table, or lacks the key, tells of nobody."""
    taken = [one for one in workspace.snapshots if one.system == system]
    kept: list[Kept] = []
    for one in sorted(taken, key=lambda one: one.as_of_us, reverse=True):
        columns = list_columns(one.folder).get(table.name, ())
        if set(table.key) <= set(columns):
            with suppress(EvidenceError):
                name = f"values_{place}_{len(kept)}"
                file = one.folder / f"{table.name}.csv"
                kept.append(Kept(read_table(workspace.store, name, file), one.as_of_us))
    return tuple(kept)


def rows_sql(store: Store, source: Source, wanted: Sequence[str]) -> str:
    """Return the query for each record's values, once, as the newest file that has it says.

    Its columns are ``_key``, ``_as_of`` (of that file's snapshot) and the wanted ones; a file without a
    column says nothing in it.
    """
    columns = list(dict.fromkeys(wanted))
    parts = []
    for age, each in enumerate(source.kept):
        held = store.columns(each.name)
        values = [quote_name(name) if name in held else f"NULL AS {quote_name(name)}" for name in columns]
        parts.append(
            f"SELECT {key_sql(source.table.key)} AS _key, {age} AS _age, {each.as_of_us} AS _as_of, "
            f"_ord{''.join(', ' + value for value in values)} FROM {quote_name(each.name)}"
        )
    said = "".join(f", {quote_name(name)}" for name in columns)
    ranked = (
        f"SELECT _key, _as_of{said}, row_number() OVER (PARTITION BY _key ORDER BY _age, _ord) AS _rank "
        f"FROM ({' UNION ALL '.join(parts)}) AS held"
    )
    return f"SELECT _key, _as_of{said} FROM ({ranked}) AS ranked WHERE _rank = 1"


def key_sql(columns: Sequence[str]) -> str:
    """Write the key that stands in some columns, as records are named by it."""
    return " || '|' || ".join(f"COALESCE({quote_name(part)}, '')" for part in columns)
