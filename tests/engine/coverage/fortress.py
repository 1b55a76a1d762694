"""A small site whose database log covers every way: what a proof of absence needs, each piece removable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ashiato.datamap.model import Accounts, DataMap, DataTable, Objects, Route, Source, System
from ashiato.engine import coverage
from ashiato.engine.store import Store
from ashiato.engine.tables import (
    CAUSES,
    EVENTS,
    EVIDENCE,
    FINDING_EVENTS,
    FINDINGS,
    HOLES,
    INTRUSION,
    RECORDS,
    UNREAD,
    Table,
)
from ashiato.engine.workspace import Snapshot, Workspace

SECOND = 1_000_000
#: From the first hostile event to the newest evidence.
START, END = 100 * SECOND, 300 * SECOND
LOG, WEB = "pg/postgresql-2026-06-07.csv", "web/access.log"
PLAIN = "WITH NOSUPERUSER INHERIT LOGIN NOREPLICATION"
DBA = "CREATE ROLE dba; ALTER ROLE dba WITH SUPERUSER LOGIN REPLICATION;"
ROLES = f"CREATE ROLE app; ALTER ROLE app {PLAIN}; {DBA}"
SCHEMA = "CREATE TABLE public.members (id integer); GRANT SELECT ON TABLE public.members TO app;"
ROUTE = Route("/m/{id}", statements=("SELECT name FROM members WHERE id = {id}",))
Row = dict[str, Any]


def line(at: int, number: int, text: str | None = "SELECT 1", **said: Any) -> Row:
    """One line of the application's connection ``s1``; without a text another kind of record."""
    return {
        "evidence_id": "e1", "line_first": at + number, "line_last": at + number, "time_us": at * SECOND,
        "source_format": "postgresql-csvlog", "record_kind": "sql-statement" if text else "sql-message",
        "database_session_uid": "s1", "database_session_line": number, "database_user_name": "app",
        "query_text": text, **said,
    }  # fmt: skip


LINES = [line(10 * n, n) for n in range(1, 31)]


@dataclass
class Fortress:
    """What there is to cover; every part may be changed before ``ways`` is asked."""

    folder: Path
    lines: Sequence[Row] = field(default_factory=lambda: list(LINES))
    roles: str = ROLES
    schema: str = SCHEMA
    holes: Sequence[tuple[Any, ...]] = ()
    unread: int = 0
    covers: bool = True
    system: Mapping[str, Any] = field(default_factory=dict)
    machines: tuple[str, ...] = ("dba",)
    objects: tuple[Objects, ...] = ()
    route: Route = ROUTE
    requests: Sequence[Row] = ()
    statements: Sequence[Row] = ()
    signs: Sequence[tuple[str, int]] = ()
    as_of: int = 290
    hostile: bool = True
    others: tuple[System, ...] = ()

    def ways(self) -> dict[tuple[str, str], str]:
        """Compute the coverage; returns each way's missing pieces, empty where its log proves absence."""
        store = self.build()
        rows = store.rows("SELECT way_kind, way, proves, reasons FROM coverage")
        assert all(proves == (not reasons) for _, _, proves, reasons in rows)
        return {(kind, way): reasons for kind, way, _, reasons in rows}

    def gaps(self) -> set[str]:
        """The codes of everything that is missing."""
        return {part.partition("(")[0] for text in self.ways().values() for part in text.split(";") if part}

    def reachable(self) -> list[tuple[Any, ...]]:
        """What each path could read."""
        store = self.build()
        return store.rows("SELECT path, way_kind, way, table_name, column_names, ground FROM reachable")

    def build(self) -> Store:
        """Run the stage over it and return its tables."""
        store = Store(self.folder / "run")
        self._write(store)
        tables = {"members": DataTable("members", key=("id",), person=True), "shops": DataTable("shops")}
        system = System("db", tables=tables, **{"engine": "postgresql", **self.system})
        datamap = DataMap(
            systems={each.name: each for each in (system, *self.others)},
            accounts=Accounts(machines=self.machines),
            sources=(Source("pg/*", covers=self.covers),),
            routes=(self.route,),
            objects=self.objects,
        )
        taken = self.folder / "taken"
        taken.mkdir(exist_ok=True)
        (taken / "schema.sql").write_text(self.schema + self.roles, encoding="utf-8")
        snapshot = Snapshot("db", self.as_of * SECOND, taken)
        coverage.build(Workspace(self.folder, ZoneInfo("UTC"), datamap, (snapshot,), store))
        return store

    def _write(self, store: Store) -> None:
        _put(store, EVIDENCE, [{"evidence_id": "e1", "file": LOG}, {"evidence_id": "e2", "file": WEB}])
        _put(store, RECORDS, self.lines)
        _put(store, UNREAD, [{"evidence_id": "e1", "line_first": n, "line_last": n, "reason": "unparsed"}
                             for n in range(self.unread)])  # fmt: skip
        theft = {
            "event_id": 1, "event_kind": "sql", "start_us": START, "end_us": START, "query_text": "SELECT 1",
            "database_user_name": "app", "database_session_uid": "s1",
        }  # fmt: skip
        last = {"event_id": 2, "event_kind": "message", "start_us": END, "end_us": END}
        asked = {"event_id": 3, "event_kind": "http", "start_us": START, "http_request_path": "/m/3"}
        _put(store, EVENTS, [theft, last, asked, *self.requests, *self.statements])
        _put(store, CAUSES, [{"sql_event_id": 1, "http_event_id": 3, "confidence": 1.0}])
        store.write(HOLES, self.holes)
        held = [*([1] if self.hostile else []), *(row["event_id"] for row in self.requests)]
        _put(store, INTRUSION, [{"event_id": n, "path": "P1", "confidence": 1.0} for n in held])
        _put(store, FINDINGS, [{"finding_id": rule, "rule": rule} for rule, _ in self.signs])
        _put(store, FINDING_EVENTS, [{"finding_id": rule, "event_id": n} for rule, n in self.signs])


def _put(store: Store, table: Table, rows: Sequence[Row]) -> None:
    store.write(table, [tuple(row.get(name) for name in table.columns) for row in rows])
