"""Writes of several tables on real servers: what the log's own writes rebuild is what the server then held.

After each write the server's own rows are read. The engine has the snapshot of before, of after, or both,
and the writes as a log has them; whatever it calls settled must be so, at every moment.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ashiato.datamap.model import Belongs, DataMap, DataTable, System
from ashiato.engine.exposures.changes import find_changes
from ashiato.engine.exposures.ghosts import ghosts_of
from ashiato.engine.exposures.state import StateTable, load_states
from ashiato.engine.routes import RouteBook
from ashiato.engine.store import Store
from ashiato.engine.tables import EVENTS
from ashiato.engine.workspace import Snapshot, Workspace
from tests.journeys.databases import Database, mariadb, postgresql

pytestmark = pytest.mark.slow

SCHEMA = (
    "CREATE TABLE clinics (id int PRIMARY KEY, title varchar(20))",
    (
        "CREATE TABLE members (id int PRIMARY KEY, name varchar(20), zip varchar(20), clinic_id int, "
        "FOREIGN KEY (clinic_id) REFERENCES clinics (id) ON DELETE SET NULL ON UPDATE CASCADE)"
    ),
    (
        "CREATE TABLE visits (id int PRIMARY KEY, member_id int NOT NULL, reason varchar(20), "
        "FOREIGN KEY (member_id) REFERENCES members (id) ON DELETE CASCADE ON UPDATE CASCADE)"
    ),
    (
        "CREATE TABLE notes (id int PRIMARY KEY, visit_id int, words varchar(20), "
        "FOREIGN KEY (visit_id) REFERENCES visits (id) ON DELETE CASCADE)"
    ),
)
FILLED = (
    "INSERT INTO clinics VALUES (1, 'North'), (2, 'South'), (3, 'East')",
    *(f"INSERT INTO members VALUES ({n}, 'name-{n}', '{n % 3}', {1 + n % 3})" for n in range(1, 13)),
    *(f"INSERT INTO visits VALUES ({n}, {1 + n % 12}, 'r{n}')" for n in range(1, 25)),
    *(f"INSERT INTO notes VALUES ({n}, {n}, 't{n}')" for n in range(1, 25)),
)
#: Down references, one row named at a time.
ALIKE = (
    "UPDATE members SET zip = '9' WHERE id = 3",
    "INSERT INTO visits (id, member_id, reason) VALUES (50, 3, 'new')",
    "DELETE FROM members WHERE id = 4",
    "UPDATE visits SET reason = 'early' WHERE member_id = 3",
    "UPDATE members SET id = 33 WHERE id = 3",
    "UPDATE visits SET reason = 'late' WHERE member_id = 33",
    "DELETE FROM clinics WHERE id = 2",
    "UPDATE clinics SET id = 11 WHERE id = 1",
    "DELETE FROM visits WHERE id = 50",
)
POSTGRESQL = (
    "UPDATE visits v SET reason = 'seen' FROM members m WHERE m.id = v.member_id AND m.id = 5",
    "DELETE FROM notes n USING visits v WHERE v.id = n.visit_id AND v.member_id = 6",
    (
        "WITH gone AS (DELETE FROM visits WHERE member_id = 7 RETURNING member_id) "
        "UPDATE members SET zip = '0' FROM gone WHERE members.id = gone.member_id"
    ),
    (
        "MERGE INTO members m USING clinics c ON m.clinic_id = c.id AND m.id = 8 "
        "WHEN MATCHED THEN UPDATE SET zip = c.title"
    ),
    (
        "INSERT INTO members (id, name) VALUES (9, 'other'), (70, 'new') "
        "ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name"
    ),
    "UPDATE visits SET (reason, member_id) = ('moved', 10) WHERE id = 10",
    "TRUNCATE visits CASCADE",
)
MARIADB = (
    "UPDATE members m JOIN visits v ON v.member_id = m.id SET m.zip = 'x', v.reason = 'y' WHERE m.id = 5",
    "UPDATE members, visits SET zip = 'w' WHERE members.id = visits.member_id AND visits.id = 8",
    "DELETE n FROM notes n JOIN visits v ON v.id = n.visit_id WHERE v.member_id = 7",
    "DELETE v FROM members m JOIN visits v ON v.member_id = m.id WHERE m.id = 6",
    "REPLACE INTO clinics (id, title) VALUES (3, 'anew')",
    "INSERT INTO members (id, name) VALUES (9, 'other') ON DUPLICATE KEY UPDATE name = VALUES(name)",
    "INSERT IGNORE INTO members (id, name) VALUES (9, 'no'), (71, 'new')",
    "DELETE FROM members USING members JOIN clinics c ON c.id = members.clinic_id WHERE c.title = 'anew'",
)
DATA = {
    table.name: table
    for table in (
        DataTable("clinics", key=("id",)),
        DataTable("members", key=("id",), person=True),
        DataTable("visits", key=("id",), belongs=Belongs("members", ("member_id",))),
        DataTable("notes", key=("id",), belongs=Belongs("visits", ("visit_id",))),
    )
}
#: The least share of all values, at all moments, that the snapshot of before, of after, or both settle with
#: the writes. PostgreSQL's last write empties two tables: the snapshot of after holds nothing of them.
SETTLED = {
    ("postgresql", "first"): 0.74,
    ("postgresql", "last"): 0.19,
    ("postgresql", "both"): 0.8,
    ("mariadb", "first"): 0.82,
    ("mariadb", "last"): 0.76,
    ("mariadb", "both"): 0.93,
}
#: A table's rows by key.
Rows = dict[str, dict[str, str | None]]
SECOND_US = 1_000_000


@dataclass
class Played:
    """What a server held after each write, the first moment before any, and the writes."""

    engine: str
    held: list[dict[str, Rows]] = field(default_factory=list)
    writes: list[tuple[str, int | None]] = field(default_factory=list)


def play(database: Database, writes: Sequence[str]) -> Played:
    """Run the writes one by one, and read everything after each."""
    played = Played("postgresql" if database.engine == "postgresql" else "mariadb")
    with database.connect() as connection:
        cursor = connection.cursor()
        if played.engine == "mariadb":
            cursor.execute("CREATE DATABASE db")
            cursor.execute("USE db")
        for text in (*SCHEMA, *FILLED):
            cursor.execute(text)
        played.held.append(_read(cursor))
        for text in writes:
            cursor.execute(text)
            # MariaDB's general log has no counts; TRUNCATE's is none.
            counted = played.engine == "postgresql" and cursor.rowcount >= 0
            played.writes.append((text, cursor.rowcount if counted else None))
            played.held.append(_read(cursor))
    return played


def _read(cursor: Any) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    for name in DATA:
        cursor.execute(f"SELECT * FROM {name}")
        columns = [column[0] for column in cursor.description]
        rows = [
            {c: None if v is None else str(v) for c, v in zip(columns, row, strict=True)}
            for row in cursor.fetchall()
        ]
        found[name] = {str(row["id"]): row for row in rows}
    return found


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def played(request: pytest.FixtureRequest) -> Iterator[Played]:
    server, own = (postgresql, POSTGRESQL) if request.param == "postgresql" else (mariadb, MARIADB)
    with server() as database:
        yield play(database, (*ALIKE, *own))


@dataclass
class Rebuilt:
    """What the engine makes of some snapshots and the writes."""

    store: Store
    tables: Mapping[str, StateTable]

    def at(self, name: str, moment_us: int) -> dict[str, list[tuple[dict[str, str | None], set[str]]]]:
        """Return, by key, a table's rows as they stood, and which columns (or marks) of each are in doubt."""
        table = self.tables[name]
        columns = ", ".join(f"CAST({column} AS VARCHAR)" for column in table.columns)
        restless, then = ("_restless", _then(moment_us, "_")) if table.lived else ("0", "TRUE")
        sql = f"SELECT _ord, _key, {restless}, {columns} FROM {table.kept_as} WHERE {then}"
        rows = self.store.rows(sql)
        doubts = self.store.rows(
            "SELECT row_ord, column_name FROM changes "
            f"WHERE _table = '{table.kept_as}' AND {_then(moment_us)}"
        )
        found: dict[str, list[tuple[dict[str, str | None], set[str]]]] = {}
        for place, key, restless, *values in rows:
            unsure = {column for row, column in doubts if row == place or (row is None and not restless)}
            held = dict(zip(table.columns, values, strict=True))
            # A row that had another key then is a record under the one it has.
            found.setdefault(key if "id" in unsure else str(held["id"]), []).append((held, unsure))
        return found

    def ghosts(self, name: str, moment_us: int) -> list[dict[str, str | None]]:
        """Return what is known of rows that no snapshot holds and that were there."""
        found = []
        for ghosts in ghosts_of(self.store).get(self.tables[name].kept_as, ()):
            names = sorted(ghosts.columns)
            columns = ", ".join(["1", *(f"CAST({column} AS VARCHAR)" for column in names)])
            sql = f"SELECT {columns} FROM {ghosts.relation} WHERE {_then(moment_us, '_')}"
            found += [dict(zip(names, row[1:], strict=True)) for row in self.store.rows(sql)]
        return found


def _then(moment_us: int, prefix: str = "") -> str:
    return f"{prefix}from_us <= {moment_us} AND {prefix}to_us > {moment_us}"


def rebuild(played: Played, folder: Path, taken: Sequence[int]) -> Rebuilt:
    """Give the engine the snapshots of after so many writes, and all the writes."""
    snapshots = []
    for number in taken:
        kept = folder / f"taken{number}"
        kept.mkdir()
        (kept / "schema.sql").write_text(";\n".join(SCHEMA) + ";\n", "utf-8")
        for name, rows in played.held[number].items():
            with (kept / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, ["id", *_others(played, name)])
                writer.writeheader()
                writer.writerows(rows.values())
        snapshots.append(Snapshot("db", moment(number), kept))
    store = Store(folder / "run")
    store.write(EVENTS, [_event(n, *write) for n, write in enumerate(played.writes)])
    system = System("db", played.engine, tables=DATA, collation="C")
    workspace = Workspace(folder, ZoneInfo("UTC"), DataMap(systems={"db": system}), tuple(snapshots), store)
    dialect = "postgres" if played.engine == "postgresql" else "mysql"
    (state,) = find_changes(store, load_states(workspace), {"db": dialect}, RouteBook(()))
    return Rebuilt(store, state.tables)


def _others(played: Played, name: str) -> list[str]:
    return [column for column in next(iter(played.held[0][name].values())) if column != "id"]


def moment(number: int) -> int:
    """Return a moment after so many writes, and before the next."""
    return 1_000 * SECOND_US + (2 * number + 1) * SECOND_US


def _event(number: int, text: str, rows: int | None) -> tuple[object, ...]:
    at_us = moment(number) + SECOND_US
    known = {
        "event_id": number,
        "event_kind": "sql",
        "start_us": at_us,
        "end_us": at_us,
        "time_step_us": 1,
        "query_text": text,
        "query_rows": rows,
    }
    return tuple(known.get(name) for name in EVENTS.columns)


def faults_in(played: Played, rebuilt: Rebuilt) -> tuple[list[str], int, int]:
    """Return what is called settled and is not so, and how many values are settled, of how many."""
    faults, settled, every = [], 0, 0
    for number, held in enumerate(played.held):
        for name, rows in held.items():
            found, ghosts = rebuilt.at(name, moment(number)), rebuilt.ghosts(name, moment(number))
            place = f"{name} after {number} writes"
            for key, row in rows.items():
                every += len(row)
                kept = found.get(key, [])
                own = [ghost for ghost in ghosts if set(ghost.items()) <= set(row.items())]
                fitting = [
                    unsure
                    for values, unsure in kept
                    if all(values[c] == row[c] for c in row if c not in unsure)
                ]
                if not fitting and not own:
                    faults.append(f"{place}: {row} is not held: {kept}")
                settled += max(
                    (len(row) - len(unsure & set(row)) for unsure in fitting if len(kept) == 1), default=0
                )
            for key, kept in found.items():
                if key not in rows and any(not unsure & {"+", "-", "id"} for _, unsure in kept):
                    faults.append(f"{place}: {key} is held for certain: {kept}")
    return faults, settled, every


@pytest.mark.parametrize("taken", ["first", "last", "both"])
def test_server_held_what_is_settled(played: Played, tmp_path: Path, taken: str) -> None:
    last = len(played.writes)
    chosen = {"first": [0], "last": [last], "both": [0, last]}[taken]
    faults, settled, every = faults_in(played, rebuild(played, tmp_path, chosen))
    print(f"{played.engine} {taken}: {settled} of {every} values settled")  # noqa: T201
    assert faults == []
    assert settled >= SETTLED[played.engine, taken] * every
