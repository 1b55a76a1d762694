"""Which files of a system's snapshots can be used, where their columns differ from those the data map names.

A table's snapshot without a column that ties its rows to keys or people is passed over where another has it;
where none has, the data map's word about it is dropped. Either is told, with the snapshot's time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ashiato.datamap.model import DataTable, System
from ashiato.datamap.snapshots import list_columns
from ashiato.engine.workspace import Snapshot


@dataclass(frozen=True, order=True)
class Lacking:
    """A column that the data map names and a snapshot's table does not have; "": its file is no table."""

    table: str
    column: str
    as_of_us: int


@dataclass(frozen=True)
class File:
    """One table in one snapshot."""

    as_of_us: int
    path: Path
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Taken:
    """What a system's snapshots give: the data map as far as they bear it out, each table's files by time."""

    system: System
    files: dict[str, list[File]]
    lacking: tuple[Lacking, ...]


def take(system: System, snapshots: Sequence[Snapshot]) -> Taken:
    """Choose the files to use of snapshots in order of time."""
    found: dict[str, list[File]] = defaultdict(list)
    for one in snapshots:
        for name, columns in list_columns(one.folder).items():
            found[name].append(File(one.as_of_us, one.folder / f"{name}.csv", columns))
    lacking: list[Lacking] = []
    files: dict[str, list[File]] = {}
    tables = dict(system.tables)
    for name, held in sorted(found.items()):
        mapped = tables.get(name, DataTable(name))
        lacking += [lack for file in held for lack in _lacking(mapped, file)]
        files[name] = [file for file in held if not _loose(mapped, file)] or held[-1:]
        if name in tables:
            tables[name] = _borne_out(mapped, files[name][-1])
    return Taken(replace(system, tables=tables), files, tuple(sorted(lacking)))


def _lacking(mapped: DataTable, file: File) -> Iterator[Lacking]:
    named = [*mapped.key, *(mapped.belongs.columns if mapped.belongs else ())]
    named += [
        name for name in (mapped.persona_column, mapped.client_column, mapped.updated_at) if name is not None
    ]
    named += mapped.columns
    for name in dict.fromkeys(named):
        if name not in file.columns:
            yield Lacking(mapped.name, name, file.as_of_us)


def _loose(mapped: DataTable, file: File) -> bool:
    """Tell whether a file's rows cannot be told apart, or not whose they are."""
    ties = {*mapped.key, *(mapped.belongs.columns if mapped.belongs else ())}
    return not ties <= set(file.columns)


def _borne_out(mapped: DataTable, file: File) -> DataTable:
    """Return what the map says of a table, as far as its file has the columns for it."""
    held = set(file.columns)
    return replace(
        mapped,
        key=mapped.key if set(mapped.key) <= held else (),
        belongs=mapped.belongs if mapped.belongs and set(mapped.belongs.columns) <= held else None,
        persona_column=mapped.persona_column if mapped.persona_column in held else None,
        client_column=mapped.client_column if mapped.client_column in held else None,
        updated_at=mapped.updated_at if mapped.updated_at in held else None,
    )
