"""The shipped break-in as a case: the whole of it, or the one day of it that quick tests use."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path

from ashiato.engine.api import Case, add_evidence, add_snapshot, create_case, investigate_case, open_outcome
from ashiato.exports.writing import write_exports

DEMO = Path(__file__).parents[2] / "examples" / "pet-insurer"
EVIDENCE, DATAMAP, TRUTH = DEMO / "evidence", DEMO / "datamap.yaml", DEMO / "truth"
SYSTEM = "petdb"
#: The files of one night: someone walks through the customers' numbers.
NIGHT = (
    "app/auth.log",
    "nginx/access.log.2.gz",
    "nginx/access_json.log.2.gz",
    "nginx/nginx.conf",
    "postgresql/postgresql-2026-06-09.csv.gz",
)
NOW_US = 1_780_000_000_000_000


def unpack_snapshot(folder: Path) -> Path:
    """Write the demo's tables as plain CSV into a folder and return it."""
    folder.mkdir(parents=True)
    (folder / "schema.sql").write_bytes((DEMO / "snapshot" / "schema.sql").read_bytes())
    for packed in sorted((DEMO / "snapshot").glob("*.csv.gz")):
        (folder / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    return folder


def take_night(folder: Path, names: Iterable[str] = NIGHT) -> Path:
    """Copy one night's evidence into a folder and return it."""
    for name in names:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((EVIDENCE / name).read_bytes())
    return folder


def new_case(folder: Path, datamap: Path | None = DATAMAP, snapshot: Path | None = None) -> Case:
    """Make a case with a data map and the demo's tables, without evidence; its clock stands still."""
    case = create_case(folder, "Asia/Tokyo", lambda: NOW_US, datamap)
    tables = snapshot or unpack_snapshot(folder.with_name(f"{folder.name}-snapshot"))
    add_snapshot(case, tables, (DEMO / "as-of").read_text().strip(), SYSTEM)
    return case


def make_case(folder: Path, evidence: Path) -> Case:
    """Make a case over a folder of evidence."""
    case = new_case(folder)
    add_evidence(case, [evidence])
    return case


def export(case: Case, folder: Path) -> dict[str, bytes]:
    """Export a case's answer and return each file's bytes."""
    with open_outcome(case) as outcome:
        return {path.name: path.read_bytes() for path in write_exports(outcome, folder)}


def answer(folder: Path, evidence: Path) -> dict[str, bytes]:
    """Make a case over a folder of evidence, investigate it, and return the exported files."""
    case = make_case(folder, evidence)
    investigate_case(case)
    return export(case, folder.with_name(f"{folder.name}-answer"))
