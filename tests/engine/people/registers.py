"""Registers of people for tests: tables written as a snapshot, matched as a run would."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from ashiato.datamap.load import parse_datamap
from ashiato.datamap.model import DataMap
from ashiato.engine.people.matching import PERSONS, match_records
from ashiato.engine.people.sources import list_sources
from ashiato.engine.store import Row, Store
from ashiato.engine.workspace import Snapshot, Workspace

#: A table of people whose columns tell what they mean by their names.
MAP = """
systems:
  agency:
    tables:
      customers:
        person: true
        key: id
        columns:
          id: {type: text}
          name: identity
          name_kana: identity
          sex: sex
          birth_date: birth
          phone: contact
          email: contact
          zip: contact
          address: contact
          my_number: government number
"""
COLUMNS = ("id", "name", "name_kana", "sex", "birth_date", "phone", "email", "zip", "address", "my_number")


@dataclass(frozen=True)
class Matched:
    """What matching made of a register: each record's person and widest person, the reviews, the ways."""

    persons: Mapping[str, str]
    widest: Mapping[str, str]
    reviews: Sequence[Row]
    ways: Mapping[str, Row]

    def groups(self) -> set[tuple[str, ...]]:
        """The records of each person of several, in order."""
        held: dict[str, list[str]] = defaultdict(list)
        for record, person in self.persons.items():
            held[person].append(record)
        return {tuple(sorted(records)) for records in held.values() if len(records) > 1}

    def pairs_in_review(self) -> dict[tuple[str, str], str]:
        """Each pair left to a human, with what conflicts."""
        return {(min(r[3], r[6]), max(r[3], r[6])): r[9] for r in self.reviews}


def write_table(folder: Path, name: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write one table of a snapshot."""
    folder.mkdir(exist_ok=True)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


def match_tables(
    folder: Path, snapshots: Mapping[str, Path], datamap: DataMap | str, engine: str = "duckdb"
) -> Matched:
    """Match the tables of these systems' snapshots, in a run of their own in ``folder``."""
    told = parse_datamap(datamap) if isinstance(datamap, str) else datamap
    taken = tuple(Snapshot(system, 0, path) for system, path in sorted(snapshots.items()))
    with Store(folder / "run", engine) as store:
        workspace = Workspace(folder, ZoneInfo("UTC"), told, taken, store)
        match_records(workspace, list_sources(workspace))
        keys = store.rows("SELECT table_name, record_key FROM record_traits")
        moved = store.rows(f"SELECT record_key, person_id, widest_person_id FROM {PERSONS}")
        return Matched(
            {key: key for _, key in keys} | {key: _key_of(person) for key, person, _ in moved},
            {key: key for _, key in keys} | {key: _key_of(widest) for key, _, widest in moved},
            store.rows("SELECT * FROM match_reviews ORDER BY pair"),
            {row[0]: row[1:] for row in store.rows("SELECT * FROM match_ways")},
        )


def _key_of(person: str) -> str:
    return person.split("/", 2)[2]


def match_register(folder: Path, rows: Sequence[Sequence[str]], engine: str = "duckdb") -> Matched:
    """Match one table of customers, each row in the order of ``COLUMNS``; later cells may be left out."""
    whole = [[*row, *[""] * (len(COLUMNS) - len(row))] for row in rows]
    write_table(folder / "snapshot", "customers", COLUMNS, whole)
    return match_tables(folder, {"agency": folder / "snapshot"}, MAP, engine)
