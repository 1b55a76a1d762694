"""What journeys of blind injections share: a case from one log, its answer as sheets."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.journeys.command import must


def investigated(
    folder: Path, *, evidence: Path, zone: str, datamap: Path | None = None, snapshot: Path | None = None
) -> Path:
    """Make a case of this evidence with the real command and investigate it; returns the case's folder."""
    case = folder / "case"
    must("case", "new", case, "--zone", zone, *(["--datamap", datamap] if datamap else []))
    if snapshot is not None:
        must("snapshot", "add", case, snapshot, "--as-of", "2026-01-01T00:00:00+00:00")
    must("evidence", "add", case, evidence)
    must("investigate", case)
    return case


def exported(case: Path) -> Path:
    """Export a case's answer; returns the folder of sheets."""
    must("export", case, "--to", case / "answer")
    return case / "answer"


def rows_of(sheet: Path) -> list[dict[str, str]]:
    """Return the rows of an exported sheet."""
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
