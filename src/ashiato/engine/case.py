"""A case on disk: a folder that is complete in itself and can be carried elsewhere."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ashiato import __version__
from ashiato.engine.fingerprints import fingerprint_of
from ashiato.engine.ledger import record_entry
from ashiato.engine.lock import hold_lock
from ashiato.terms.errors import CaseError, Place
from ashiato.terms.times import iso_of, us_of

FORMAT = 1
CASE_FILE = "case.json"
DATAMAP_FILE = "datamap.yaml"
#: The analyst's own Sigma rules, and the values of their placeholders.
RULES_FOLDER, PLACEHOLDERS_FILE = "rules", "placeholders.yaml"
#: What a human decided of pairs of records: one JSON object a line.
PAIRS_FILE = "pairs-decided.jsonl"
_FOLDERS = ("evidence", "snapshots", "runs")

Clock = Callable[[], int]


@dataclass(frozen=True)
class Case:
    """An open case: its folder, its zone, and the clock (microseconds UTC) that dates ledger entries."""

    folder: Path
    zone: ZoneInfo
    clock: Clock

    @property
    def datamap_path(self) -> Path:
        """Where the data map is, when there is one."""
        return self.folder / DATAMAP_FILE

    def record(self, action: str, *, inputs: dict[str, Any], results: dict[str, Any]) -> str:
        """Write one ledger entry, dated by the clock, and return its hash."""
        return record_entry(self.folder, action, self.clock(), inputs=inputs, results=results)


def create_case(folder: Path, zone: str, clock: Clock, datamap: Path | None = None) -> Case:
    """Make a new case folder (0700) with its zone (IANA name), and take the data map in when given.

    Raises CaseError when the folder holds anything, the zone is unknown or the data map is no file.
    """
    case = Case(folder, zone_of(zone), clock)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CaseError("there is something here already", where=Place(str(folder)), fix="name a new folder")
    if datamap is not None and not datamap.is_file():
        raise CaseError("the data map is not a file", where=Place(str(datamap)))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in _FOLDERS:
        (folder / name).mkdir(mode=0o700)
    if datamap is not None:
        shutil.copyfile(datamap, case.datamap_path)
    _write_case_file(case)
    with hold_lock(folder):
        made = {CASE_FILE: fingerprint_of(folder / CASE_FILE).sha256, "format": FORMAT, "zone": zone}
        case.record("case new", inputs=_datamap_hash(case), results=made)
    return case


def open_case(folder: Path, clock: Clock) -> Case:
    """Open a case; CaseError when the folder is none, or was made by a newer program."""
    path = folder / CASE_FILE
    if not path.is_file():
        raise CaseError(
            "this folder is not a case: it has no case.json",
            where=Place(str(folder)),
            fix="make one with `ashiato case new`",
        )
    kept = _read_case_file(path)
    if kept["format"] > FORMAT:
        raise CaseError(
            f"the case has format {kept['format']}, made by {kept.get('made_by', 'a newer program')};"
            f" this program reads up to format {FORMAT}",
            where=Place(str(path)),
            fix="open it with that version, or a newer one",
        )
    return Case(folder, zone_of(str(kept["zone"])), clock)


@contextmanager
def writing(case: Case) -> Generator[None]:
    """Hold the case as its one writer; CaseError names the holder when another process has it."""
    with hold_lock(case.folder):
        yield


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name; CaseError when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise CaseError(f"no time zone is called {name!r}", fix="write it like Asia/Tokyo or UTC") from error


def moment_us_of(text: str, zone: ZoneInfo) -> int:
    """Return the microseconds of an ISO 8601 time; one without an offset is in the case's zone."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise CaseError(f"{text!r} is not a time", fix="write it like 2026-06-11T09:00:00+09:00") from error
    return us_of(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _write_case_file(case: Case) -> None:
    kept = {
        "format": FORMAT,
        "zone": case.zone.key,
        "made_by": f"ashiato {__version__}",
        "created": iso_of(case.clock(), UTC),
    }
    write_whole(case.folder / CASE_FILE, json.dumps(kept, indent=2) + "\n")


def _read_case_file(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_bytes())
        if isinstance(kept["format"], int) and isinstance(kept["zone"], str):
            return dict(kept)
    except (ValueError, KeyError, TypeError):
        pass
    raise CaseError("case.json cannot be read", where=Place(str(path)), fix="restore it from a copy")


def _datamap_hash(case: Case) -> dict[str, str]:
    if not case.datamap_path.exists():
        return {}
    return {DATAMAP_FILE: fingerprint_of(case.datamap_path).sha256}


def write_whole(path: Path, text: str) -> None:
    """Write a small file (0600) so that it is there whole or not at all, whatever happens."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("w", encoding="utf-8") as file:
        beside.chmod(0o600)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
