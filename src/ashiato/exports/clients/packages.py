"""Write one package for each client: its records, fields and counts, and the diary its clock runs from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashiato.engine.api import Outcome, Store
from ashiato.exports.clients.sheets import KEY, SHEETS, hold_client
from ashiato.exports.duties.counts import counts_of
from ashiato.exports.facts import RECORD_BOUNDS, Bounds
from ashiato.exports.people_facts import count_reached
from ashiato.exports.sheet import write_sheet
from ashiato.exports.whole import whole_file, write_json
from ashiato.law.api import Diary, Moment, render_client_diary
from ashiato.terms.counts import Bound, Count, Unit
from ashiato.terms.errors import CaseError, Place
from ashiato.terms.grades import Grade
from ashiato.terms.ids import short_id
from ashiato.terms.times import moment_of

SCHEMA_VERSION = 1
_NAMED = re.compile(r"[^0-9A-Za-z]+")


@dataclass(frozen=True)
class Package:
    """One client's package: where it is, what it holds, how many of the client's records were reached."""

    client: str
    folder: Path
    files: tuple[str, ...]
    reached: Bounds
    records: int


@dataclass(frozen=True)
class Told:
    """What the contractor's diary says as of a moment, and when the clients were told."""

    diary: Diary
    as_of_us: int
    told: Moment | None = None


def list_clients(outcome: Outcome) -> list[str]:
    """Return the clients that the run's records name; CaseError when the data map names none."""
    store = outcome.store
    if "client" not in store.columns("master"):
        fix = f"run `ashiato investigate {outcome.case.folder}` again"
        raise CaseError("this run was made before clients were known", where=_place(outcome), fix=fix)
    names = store.rows("SELECT DISTINCT client FROM master WHERE client IS NOT NULL ORDER BY client")
    if not names:
        fix = "say in the data map whose people a table holds: `client:` (docs/guides/datamap.md)"
        raise CaseError("no record names a client", where=_place(outcome), fix=fix)
    return [name for (name,) in names]


def count_unassigned(store: Store) -> Bounds:
    """Return how many reached records are no client's: they go into no package, and somebody must look."""
    sql = f"SELECT {RECORD_BOUNDS} FROM people ANTI JOIN (FROM master WHERE client IS NOT NULL) USING ({KEY})"
    return Bounds(*store.rows(sql)[0])


def write_packages(outcome: Outcome, to: Path, told: Told | None = None) -> Iterator[Package]:
    """Write and yield each client's package, in the order of names; the same run gives the same bytes."""
    for client in list_clients(outcome):
        folder = to / _folder_name(client)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield _write_package(outcome, client, folder, told)


def _write_package(outcome: Outcome, client: str, folder: Path, told: Told | None) -> Package:
    store = outcome.store
    hold_client(store, client)
    written = [write_sheet(sheet, store, outcome.zone, folder) for sheet in SHEETS]
    mine = f"people SEMI JOIN client_records USING ({KEY})"
    reached = Bounds(*store.rows(f"SELECT {RECORD_BOUNDS} FROM {mine}")[0])
    summary = _summary(outcome, client, mine, reached)
    written.append(write_json(folder / "client.json", summary))
    if told is not None:
        written.append(_write_diary(outcome, folder, told, mine))
    (records,) = store.rows("SELECT count(*) FROM client_records")[0]
    return Package(client, folder, tuple(sorted(path.name for path in written)), reached, records)


def _summary(outcome: Outcome, client: str, mine: str, reached: Bounds) -> dict[str, Any]:
    store = outcome.store
    as_of, people = _as_of(outcome), count_reached(store, f"FROM {mine}")
    exact = dict.fromkeys(sorted(Grade, reverse=True), 0)
    exact |= {
        Grade(grade): n for grade, n in store.rows(f"SELECT grade, count(*) FROM {mine} GROUP BY grade")
    }
    fields = store.rows(
        f"SELECT field, {RECORD_BOUNDS} FROM (SELECT {KEY}, field, max(grade) AS grade FROM exposures "
        f"SEMI JOIN client_records USING ({KEY}) GROUP BY ALL) GROUP BY field ORDER BY field"
    )
    return {
        "schema_version": SCHEMA_VERSION,
        "client": client,
        "of_case": hashlib.sha256((outcome.case.folder / "case.json").read_bytes()).hexdigest(),
        "run": outcome.run.number,
        "as_of": as_of,
        "people": None if people is None else {"reached": _as_json(people.counts(as_of))},
        "no_client": _typed(count_unassigned(store), as_of),
        "records": {
            "reached": _typed(reached, as_of),
            "by_grade": {
                grade.word: Count(number, Unit.RECORDS, Bound.EXACT, as_of).as_json()
                for grade, number in exact.items()
            },
            "by_field": {field: _typed(Bounds(*bounds), as_of) for field, *bounds in fields},
        },
    }


def _write_diary(outcome: Outcome, folder: Path, told: Told, mine: str) -> Path:
    nobodys = count_unassigned(outcome.store).at_most or 0
    counts = counts_of(outcome.store, str(outcome.run.number), mine, nobodys)
    as_of = moment_of(told.as_of_us, told.diary.zone)
    path = folder / "facts.yaml"
    with whole_file(path) as file:
        file.write(render_client_diary(told.diary, as_of, counts, told.told).encode())
    return path


def _as_json(counts: dict[str, Count]) -> dict[str, Any]:
    return {bound: count.as_json() for bound, count in counts.items()}


def _typed(bounds: Bounds, as_of: str) -> dict[str, Any]:
    most = bounds.at_most
    return {
        "at_least": Count(bounds.at_least, Unit.RECORDS, Bound.AT_LEAST, as_of).as_json(),
        "at_most": None if most is None else Count(most, Unit.RECORDS, Bound.AT_MOST, as_of).as_json(),
    }


def _as_of(outcome: Outcome) -> str:
    (newest,) = outcome.store.rows("SELECT coalesce(max(coalesce(end_us, start_us)), 0) FROM events")[0]
    return moment_of(int(newest), outcome.zone).isoformat()


def _folder_name(client: str) -> str:
    """Return a folder's name that no client's name can steer: its plain letters, and a hash of the whole."""
    plain = _NAMED.sub("-", client).strip("-")[:40].lower()
    return f"{plain or 'client'}-{short_id(client)[:8]}"


def _place(outcome: Outcome) -> Place:
    return Place(str(outcome.case.folder))
