"""Figures taken and kept: in the database for years, and in the case's folder for its report."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ashiato.engine.api import open_case, open_outcome, writing
from ashiato.exports.times import TIMES_FILE, Times, times_of
from ashiato.exports.whole import write_json
from ashiato.rooms.cases.api import CaseFile
from ashiato.rooms.ending.models import KeptTimes
from ashiato.rooms.ending.reckoning import reckon
from ashiato.rooms.living import now_us


def take_times(file: CaseFile, at: datetime) -> Times:
    """Reckon a case's figures by its newest run, keep them in place of those before, and return them.

    Raises: CaseError: it has no finished run, or another writes to it.
    """
    case = open_case(Path(file.folder), now_us)
    with writing(case), open_outcome(case) as outcome:
        times = reckon(file, outcome, find_times(file), at)
        said = times.as_json()
        KeptTimes.objects.update_or_create(case=file, defaults={"taken_at": at, "said": said})
        write_json(case.folder / TIMES_FILE, said)
    return times


def find_times(case: CaseFile) -> Times | None:
    """Return the figures that were kept of a case; None without any."""
    kept = KeptTimes.objects.filter(case=case).first()
    return times_of(kept.said) if kept else None


def list_times() -> list[tuple[str, Times]]:
    """Return the figures of every case by its name, whether or not its folder is still there."""
    kept = KeptTimes.objects.select_related("case").order_by("case__name")
    return [(each.case.name, times_of(each.said)) for each in kept]
