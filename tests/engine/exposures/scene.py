"""A small estate to break into: tables as a snapshot, statements as events, the exposures that follow."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ashiato.datamap.model import Accounts, Belongs, DataMap, DataTable, Route, System
from ashiato.engine import exposures
from ashiato.engine.store import Store
from ashiato.engine.tables import (
    CAUSES,
    CONTRADICTIONS,
    COVERAGE,
    EVENTS,
    EVIDENCE,
    HOLES,
    INTRUSION,
    RECORDS,
    UNREAD,
    Table,
)
from ashiato.engine.workspace import Snapshot, Workspace

AS_OF_US = 1_000_000_000
MEMBERS = DataTable("members", key=("id",), person=True, persona="member")
VISITS = DataTable("visits", key=("id",), belongs=Belongs("members", ("member_id",)))
CLINICS = DataTable("clinics", key=("id",))
TABLES = {table.name: table for table in (MEMBERS, VISITS, CLINICS)}

MEMBER_ROWS = [
    {"id": n, "name": f"name-{n}", "zip": f"{n % 3:03}", "premium": 100 + n % 4, "note": "x" if n % 2 else ""}
    for n in range(1, 31)
]
VISIT_ROWS = [
    {"id": 500 + n, "member_id": 1 + n % 15, "clinic_id": 1 + n % 2, "reason": f"reason-{n % 5}"}
    for n in range(40)
]
CLINIC_ROWS = [{"id": 1, "title": "North"}, {"id": 2, "title": "South"}]
ROWS: dict[str, list[dict[str, Any]]] = {"members": MEMBER_ROWS, "visits": VISIT_ROWS, "clinics": CLINIC_ROWS}


@dataclass(frozen=True)
class Statement:
    """One statement in the database log, and the reply of the request that ran it (None: none did)."""

    text: str
    rows: int | None = None
    at_us: int = 1_000
    code: int | None = 200
    target: str = "/list"
    body_bytes: int | None = 900
    binds: str | None = None
    error_code: str | None = None
    error_text: str | None = None
    hostile: bool = True
    candidates: int = 1
    logged: bool = True
    address: str = "203.0.113.9"
    method: str = "GET"
    account: str | None = None
    session: str | None = None
    confidence: float = 0.99
    connection: str | None = None
    user: str = "app"
    objects: str | None = None
    unmapped: str | None = None
    #: By what the request was found for the statement, and when it was if not then.
    how: str = "time"
    request_at_us: int | None = None
    path: str = "P1"
    #: The place of the statement whose request ran this as well, where it has none of its own.
    beside: int | None = None
    #: The place of the statement whose request is a likelier cause of this one than its own (0.6).
    rather: int | None = None


@dataclass
class Scene:
    """Where a test's tables are kept."""

    folder: Path
    collation: str | None = "C"
    engine: str = "postgresql"
    zone: str | None = None
    sql_mode: str | None = None
    routes: tuple[Route, ...] = ()
    tables: Mapping[str, DataTable] = field(default_factory=lambda: TABLES)
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=lambda: ROWS)

    #: What the snapshots say of the tables, as SQL.
    schema: str | None = None
    #: Older or newer snapshots beside the one at ``AS_OF_US``, by moment.
    others: Mapping[int, Mapping[str, Sequence[Mapping[str, Any]]]] = field(default_factory=dict)
    #: Stretches that the web log lacks: first and last microsecond.
    holes: Sequence[tuple[int, int]] = ()
    #: What says that the log lacks them.
    hole_reason: str = "requests-missing"
    #: Holes of the database's log: why, first and last microsecond; None: nothing tells of its lines.
    database_holes: Sequence[tuple[str, int, int]] | None = None
    #: By how much the databases' clocks are ahead of the web's: the database's log, microseconds.
    skews: Sequence[tuple[str, int]] = ()
    #: Whether every way to the records is covered by a log whose silence proves absence.
    covered: bool = False
    machines: tuple[str, ...] = ()
    #: Events of which two logs say different things.
    contradictions: Sequence[tuple[int, int, str]] = ()

    def answer(self, *statements: Statement) -> Store:
        """Write the snapshot and the statements' events, build the exposures, and return the tables."""
        moments = {**self.others, AS_OF_US: self.rows}
        taken = tuple(Snapshot("db", at_us, self._write_snapshot(at_us, moments[at_us])) for at_us in moments)
        store = self.logged(*statements)
        told: dict[str, Any] = {"collation": self.collation, "zone": self.zone, "sql_mode": self.sql_mode}
        system = replace(System("db", self.engine, tables=dict(self.tables)), **told)
        accounts = Accounts(machines=self.machines)
        datamap = DataMap(systems={"db": system}, routes=self.routes, accounts=accounts)
        exposures.build(Workspace(self.folder, ZoneInfo("Asia/Tokyo"), datamap, taken, store))
        return store

    def logged(self, *statements: Statement) -> Store:
        """Write the statements' events, and return the tables as they are before there are exposures."""
        store = Store(self.folder / "run")
        self._write_events(store, statements)
        return store

    def grades_each(self, texts: Sequence[str], rows: int | None) -> dict[str, dict[str, int]]:
        """Return, by statement, the highest grade of each member it exposed; one answer for all of them."""
        paths = {f"P{number}": text for number, text in enumerate(texts)}
        asked = [Statement(text, rows=rows, path=path) for path, text in paths.items()]
        found: dict[str, dict[str, int]] = {text: {} for text in texts}
        for path, key, grade in self.answer(*asked).rows(
            "SELECT path, record_key, max(grade) FROM exposures GROUP BY path, record_key ORDER BY ALL"
        ):
            found[paths[path]][key] = grade
        return found

    def _write_snapshot(self, at_us: int, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> Path:
        folder = self.folder / f"snapshot{at_us}"
        folder.mkdir(exist_ok=True)
        for name, rows in tables.items():
            with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, fieldnames=list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        if self.schema is not None:
            (folder / "schema.sql").write_text(self.schema, encoding="utf-8")
        return folder

    def _write_events(self, store: Store, statements: Sequence[Statement]) -> None:
        events, causes, hostile = [], [], []
        for number, statement in enumerate(statements):
            sql_id, http_id = 2 * number, 2 * number + 1
            if statement.logged:
                events.append(_sql_event(sql_id, statement))
            if statement.code is not None:
                events.append(_http_event(http_id, statement))
            asked_by = http_id if statement.code is not None else None
            asked_by = asked_by if statement.beside is None else 2 * statement.beside + 1
            if asked_by is not None and statement.logged:
                causes.append((sql_id, asked_by, statement.confidence, statement.how, statement.candidates))
            if statement.rather is not None:
                causes.append((sql_id, 2 * statement.rather + 1, 0.6, "time", statement.candidates))
            if statement.hostile:
                why = (statement.path, "I1", 1.0, "test")
                hostile += [(sql_id, *why)] if statement.logged else []
                hostile.append((http_id, *why))
        store.write(EVENTS, events)
        store.write(CAUSES, causes)
        store.write(INTRUSION, hostile)
        if self.covered:
            covered = (
                "db",
                "database",
                "db",
                "pg.csv",
                "postgresql-csvlog",
                500,
                AS_OF_US,
                0,
                AS_OF_US,
                True,
            )
            store.write(COVERAGE, [(*covered, "", None)])
        store.write(CONTRADICTIONS, self.contradictions)
        holes = [("web", first, last, self.hole_reason, "") for first, last in self.holes]
        holes += [
            ("web", 0, AS_OF_US, "clock-skew", json.dumps({"against": log, "skew_us": ahead_us}))
            for log, ahead_us in self.skews
        ]
        store.write(
            HOLES, [*holes, *(("pg.log", *hole, reason, "") for reason, *hole in self.database_holes or ())]
        )
        if self.database_holes is not None:
            self._write_logs(store, statements)

    @staticmethod
    def _write_logs(store: Store, statements: Sequence[Statement]) -> None:
        store.write(EVIDENCE, [_named(EVIDENCE, evidence_id=name, file=name) for name in ("pg.log", "web")])
        kinds = {"pg.log": "sql-statement", "web": "web-request"}
        told = [
            (name, place, one.at_us)
            for place, one in enumerate(statements)
            for name in kinds
            if (one.logged if name == "pg.log" else one.code is not None)
        ]
        lines = (
            _named(RECORDS, evidence_id=name, line_first=place, record_kind=kinds[name], time_us=at_us)
            for name, place, at_us in told
        )
        store.write(RECORDS, lines)
        store.write(UNREAD, [])


def few_members(scene: Scene, members: Sequence[Mapping[str, Any]]) -> Scene:
    """Leave these members in the tables, of whom the first two have a visit each."""
    visits = [{"id": n, "member_id": n, "clinic_id": 1, "reason": f"r{n}"} for n in (1, 2)]
    scene.rows = {"members": members, "visits": visits, "clinics": CLINIC_ROWS}
    return scene


def _event(**known: object) -> tuple[object, ...]:
    return _named(EVENTS, **known)


def _named(table: Table, **known: object) -> tuple[object, ...]:
    return tuple(known.get(name) for name in table.columns)


def _sql_event(event_id: int, statement: Statement) -> tuple[object, ...]:
    return _event(
        event_id=event_id,
        event_kind="sql",
        start_us=statement.at_us,
        end_us=statement.at_us + 10,
        time_step_us=1000,
        database_user_name=statement.user,
        database_name="db",
        database_session_uid=statement.connection,
        query_text=statement.text,
        query_binds=statement.binds,
        query_rows=statement.rows,
        query_objects=statement.objects,
        unmapped=statement.unmapped,
        error_code=statement.error_code,
        error_text=statement.error_text,
    )


def _http_event(event_id: int, statement: Statement) -> tuple[object, ...]:
    at_us = statement.at_us if statement.request_at_us is None else statement.request_at_us
    return _event(
        event_id=event_id,
        event_kind="http",
        start_us=at_us - 5,
        end_us=at_us + 20,
        time_step_us=1000,
        http_request_method=statement.method,
        http_request_target=statement.target,
        http_request_path=statement.target.partition("?")[0],
        http_request_query=statement.target.partition("?")[2] or None,
        src_endpoint_ip=statement.address,
        actor_user_name=statement.account,
        actor_session_uid=statement.session,
        http_response_code=statement.code,
        http_response_body_bytes=statement.body_bytes,
    )


def grades_of(store: Store) -> dict[str, int]:
    """Return the highest grade of each exposed member by key."""
    return dict(store.rows("SELECT record_key, max(grade) FROM exposures GROUP BY record_key ORDER BY 1"))


def fields_of(store: Store, key: str) -> dict[str, tuple[int, str, str]]:
    """Return what of one member was reached: field -> (grade, rung, reasons)."""
    sql = "SELECT field, grade, rung, reasons FROM exposures WHERE record_key = ? ORDER BY field"
    return {name: (grade, rung, reasons) for name, grade, rung, reasons in store.rows(sql, [key])}


def keys(*numbers: int) -> set[str]:
    """Write member numbers as record keys."""
    return {str(number) for number in numbers}
