"""Check a written data map: everything wrong with it, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ashiato.datamap.meaning import check_meaning
from ashiato.datamap.patterns import columns_of
from ashiato.datamap.problems import InvalidDataMapError
from ashiato.datamap.structure import check_structure
from ashiato.terms.errors import DataMapError, Place
from ashiato.written.parsing import MAX_BYTES, Written, parse_written
from ashiato.written.problems import Level, Problem, meant, shown

#: What a snapshot holds: system -> table -> its columns in order.
SnapshotColumns = Mapping[str, Mapping[str, Sequence[str]]]


def check_datamap(path: Path, snapshots: SnapshotColumns | None = None) -> list[Problem]:
    """Return every problem of the map at ``path``, in the order of the file; empty when it is right.

    It is held against ``snapshots``, when given; what differs is advice, as either may be right.
    Raises: DataMapError: the file cannot be read at all.
    """
    return check_written(read_written(path), snapshots)


def check_written(written: Written, snapshots: SnapshotColumns | None = None) -> list[Problem]:
    """Return every problem of a map already read."""
    found = [*written.problems, *check_structure(written)]
    if not found:
        found = list(check_meaning(written))
        found += _check_snapshots(written, snapshots or {})
    return sorted(found, key=lambda problem: (problem.line or 0, problem.path, problem.what))


def read_written(path: Path) -> Written:
    """Read the file at ``path`` (at most its first four million bytes and one) into its written form."""
    try:
        with path.open("rb") as stream:
            return parse_written(stream.read(MAX_BYTES + 1), str(path))
    except OSError as error:
        what = f"the data map cannot be read: {error.strerror or error}."
        fix = "check the path, or make one with `ashiato datamap draft`."
        raise DataMapError(what, where=Place(str(path)), fix=fix) from error


def refuse_errors(problems: Sequence[Problem]) -> None:
    """Raise InvalidDataMapError when any problem is an error; advice passes."""
    errors = [problem for problem in problems if problem.level is Level.ERROR]
    if errors:
        raise InvalidDataMapError(errors)


def _check_snapshots(written: Written, snapshots: SnapshotColumns) -> Iterator[Problem]:
    systems = (written.value or {}).get("systems") or {}
    for name in sorted(snapshots):
        if name not in systems:
            what = f"a snapshot of the system `{shown(name)}` is at hand, and the map does not have it."
            yield written.problem(("systems",), what, meant(name, systems)).as_advice()
            continue
        tables = systems[name].get("tables") or {}
        yield from _check_tables(written, name, tables, snapshots[name])


def _check_tables(
    written: Written, system: str, tables: Mapping[str, object], held: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    spot = ("systems", system, "tables")
    for table in sorted(set(held) - set(tables)):
        what = f"the snapshot's table `{shown(table)}` is not in the map, so its people are not looked for."
        fix = "add it; with `person: true` or `belongs:` when its rows are about people."
        yield written.problem(spot, what, fix).as_advice()
    for table in tables:
        if table not in held:
            what = f"the snapshot has no table `{shown(table)}`."
            yield written.problem((*spot, table), what, meant(table, held)).as_advice()
        else:
            yield from _check_columns(written, (*spot, table), tables[table], held[table])


def _check_columns(
    written: Written, spot: tuple[str, ...], table: object, held: Sequence[str]
) -> Iterator[Problem]:
    listed = columns_of(table if isinstance(table, Mapping) else None)
    for column in listed:
        if column not in held:
            what = f"the snapshot's table has no column `{shown(column)}`."
            yield written.problem((*spot, "columns", column), what, meant(column, held)).as_advice()
    for column in held if listed else ():
        if column not in listed:
            what = f"the snapshot's column `{shown(column)}` is not in the map."
            fix = "add it to `columns` with its category; left out, it counts as `other`."
            yield written.problem((*spot, "columns"), what, fix).as_advice()
