"""A register of people to be told: built as a run would, from tables written for the purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from ashiato.datamap.load import parse_datamap
from ashiato.engine.people import build
from ashiato.engine.people.accounts import Accounts, read_accounts
from ashiato.engine.people.said import ContactValue, read_contacts
from ashiato.engine.store import Row, Store
from ashiato.engine.tables import ABSENCES, EVENTS, EXPOSURES, INTRUSION, MASTER, TOUCHED
from ashiato.engine.workspace import Snapshot, Workspace
from tests.engine.people.registers import write_table

#: 2026-04-01 12:00 in Japan.
INCIDENT_US = 1_775_012_400_000_000


@dataclass(frozen=True)
class Told:
    """What the stage wrote: rows by person or as a list, each as a mapping."""

    persons: Mapping[str, Mapping[str, object]]
    contacts: Sequence[Mapping[str, object]]
    sensitivities: Mapping[str, Mapping[str, object]]
    unknown: Sequence[Row]
    states: Mapping[str, str]
    said: Sequence[ContactValue]
    accounts: Accounts

    def ways(self, person: str) -> list[tuple[object, ...]]:
        """A person's ways: channel, preference, usable, reasons."""
        named = ("channel", "preference", "usable", "contact_reasons")
        return [tuple(row[name] for name in named) for row in self.contacts if row["person_id"] == person]


def tell_people(
    folder: Path,
    datamap: str,
    tables: Mapping[str, Sequence[Sequence[str]]],
    reached: Mapping[tuple[str, str], Mapping[str, int]],
) -> Told:
    """Build the stage over the tables (head first) of a system ``s``; reached: record -> field -> grade."""
    told = parse_datamap(datamap)
    for name, (head, *rows) in tables.items():
        write_table(folder / "snapshot", name, head, rows)
    people = {name: table for name, table in told.systems["s"].tables.items() if table.person}
    records = [(name, row[0]) for name in people for row in tables[name][1:]]
    with Store(folder / "run") as store:
        store.write(MASTER, [("s", *record, people[record[0]].persona, None) for record in records])
        exposed: list[Row] = [
            ("s", *record, "P1", field, "L2", grade, None, "")
            for record, fields in reached.items()
            for field, grade in fields.items()
        ]
        store.write(EXPOSURES, exposed)
        store.write(ABSENCES, [])
        store.write(TOUCHED, [])
        _write_incident(store)
        taken = (Snapshot("s", INCIDENT_US, folder / "snapshot"),)
        workspace = Workspace(folder, ZoneInfo("Asia/Tokyo"), told, taken, store)
        build(workspace)
        return _read(workspace)


def _write_incident(store: Store) -> None:
    for table, known in (
        (EVENTS, {"event_id": 1, "start_us": INCIDENT_US}),
        (INTRUSION, {"event_id": 1}),
    ):
        store.write(table, [tuple(known.get(name) for name in table.columns)])


def _read(workspace: Workspace) -> Told:
    store = workspace.store

    def rows(name: str) -> list[dict[str, object]]:
        columns = list(store.columns(name))
        return [dict(zip(columns, row, strict=True)) for row in store.rows(f"SELECT * FROM {name}")]

    return Told(
        {str(row["person_id"]): row for row in rows("persons")},
        rows("contacts"),
        {str(row["person_id"]): row for row in rows("sensitivities")},
        store.rows("SELECT * FROM unknown_values"),
        dict(store.rows("SELECT record_key, states FROM people")),
        list(
            read_contacts(workspace, [person for (person,) in store.rows("SELECT person_id FROM contacts")])
        ),
        read_accounts(workspace),
    )
