"""A bucket to break into: people in a snapshot, objects among the evidence, hostile requests for them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ashiato.datamap.model import Column, DataMap, DataTable, Objects, System
from ashiato.engine import exposures
from ashiato.engine.evidence.sealing import add_evidence
from ashiato.engine.store import Store
from ashiato.engine.tables import CAUSES, CONTRADICTIONS, EVENTS, HOLES, INTRUSION
from ashiato.engine.workspace import Snapshot, Workspace
from ashiato.terms.categories import Category
from tests.engine.casework import new_case

_NAMES = ("id", "name", "kana", "born", "phone", "mail", "address")
PEOPLE = [
    dict(zip(_NAMES, line.split(","), strict=True))
    for line in (
        "C2001,石井 勇,イシイ イサム,1961-02-03,090-4389-7538,isamu@example.jp,八王子市末広6-14-17",
        "C2002,木下 隆,キノシタ タカシ,1954-08-11,039-716-9420,kinoshita@example.jp,高松市美園4-22-6",
        "C2003,木下 花,キノシタ ハナ,1956-01-30,039-716-9420,hana@example.jp,高松市美園4-22-6",
        "C2004,髙橋 恵,タカハシ メグミ,1990-12-01,080-1111-2222,megumi@example.jp,仙台市泉区1-2-3",
        "C2005,佐藤 健,サトウ ケン,1971-05-05,070-2222-3333,ken71@example.jp,札幌市北区9-9",
        "C2006,佐藤 健,サトウ タケシ,1988-09-09,070-4444-5555,ken88@example.jp,那覇市西4-4",
    )
]
_IDENTITY = frozenset({"name", "family_name", "given_name"})
#: What is known of a record on the one path: field -> (grade, part).
Reached = dict[str, dict[str, tuple[int, str | None]]]


def _tables_of(columns: Iterable[str]) -> dict[str, DataTable]:
    """The one table of people, with these columns."""
    kinds = {
        name: Column(name, category=Category.IDENTITY if name in _IDENTITY else Category.CONTACT)
        for name in columns
    }
    return {"people": DataTable("people", key=("id",), person=True, persona="customer", columns=kinds)}


@dataclass(frozen=True)
class Get:
    """One hostile request for an object."""

    key: str
    code: int | None = 200
    sent: int | None = None
    range: str | None = None
    size: int | None = None
    activity: str = "read"
    error: str | None = None
    kind: str = "api"
    at_us: int = 1_000
    hostile: bool = True


@dataclass
class Outcome:
    """What came of a break-in."""

    store: Store

    def reached(self, table: str = "people") -> Reached:
        """Return each reached record of a table with its fields."""
        found: Reached = {}
        sql = "SELECT record_key, field, grade, part FROM exposures WHERE table_name = ? ORDER BY ALL"
        for key, name, grade, part in self.store.rows(sql, (table,)):
            found.setdefault(key, {})[name] = (grade, part)
        return found

    def grades(self) -> dict[str, int]:
        """Return the highest grade of each record of the people table."""
        return {key: max(grade for grade, _ in fields.values()) for key, fields in self.reached().items()}

    def reasons(self) -> set[str]:
        """Return all reasons given."""
        return {
            one
            for (text,) in self.store.rows("SELECT reasons FROM exposures")
            for one in text.split(";")
            if one
        }

    def objects(self) -> dict[str, tuple[str, str | None]]:
        """Return each object's state and what its copy was read as."""
        rows = self.store.rows("SELECT databucket_file_path, state, content FROM objects")
        return {key: (state, content) for key, state, content in rows}


@dataclass
class Bucket:
    """Where a test's case is kept, with its objects by key."""

    folder: Path
    objects: Mapping[str, bytes]
    places: tuple[Objects, ...] = ()
    people: list[dict[str, Any]] = field(default_factory=lambda: list(PEOPLE))

    def answer(self, *gets: Get) -> Outcome:
        """Seal the objects, write the requests, build the exposures."""
        case = new_case(self.folder / "case")
        given = self.folder / "given"
        for key, content in self.objects.items():
            (given / key).parent.mkdir(parents=True, exist_ok=True)
            (given / key).write_bytes(content)
        given.mkdir(exist_ok=True)
        if self.objects:
            add_evidence(case, [given])
        store = Store(self.folder / "run")
        store.write(EVENTS, [self._event(number, get) for number, get in enumerate(gets)])
        store.write(CAUSES, [])
        hostile = [(number, "P1", "I1", 1.0, "test") for number, get in enumerate(gets) if get.hostile]
        store.write(HOLES, [])
        store.write(CONTRADICTIONS, [])
        store.write(INTRUSION, hostile)
        system = System("crm", tables=_tables_of(self.people[0]))
        datamap = DataMap(systems={"crm": system}, objects=self.places)
        snapshot = Snapshot("crm", 1_000_000, self._write_people())
        exposures.build(Workspace(case.folder, ZoneInfo("Asia/Tokyo"), datamap, (snapshot,), store))
        return Outcome(store)

    def _write_people(self) -> Path:
        folder = self.folder / "snapshot"
        folder.mkdir()
        with (folder / "people.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(self.people[0]))
            writer.writeheader()
            writer.writerows(self.people)
        return folder

    def _event(self, number: int, get: Get) -> tuple[object, ...]:
        size = len(self.objects[get.key]) if get.key in self.objects else get.size
        known: dict[str, object] = {
            "event_id": number, "event_kind": get.kind, "start_us": get.at_us, "end_us": get.at_us,
            "http_response_code": get.code, "http_request_range": get.range, "error_code": get.error,
            "http_response_body_bytes": size if get.sent is None and get.code == 200 else get.sent,
        }  # fmt: skip
        if get.kind == "api":
            known["activity_name"] = get.activity
            known["databucket_name"], known["databucket_file_path"] = "share", get.key
            known["databucket_file_size"] = get.size if get.size is not None else size
        else:
            known["http_request_method"] = "GET"
            known["http_request_path"] = known["http_request_target"] = f"/{get.key}"
        return tuple(known.get(name) for name in EVENTS.columns)
