"""Runs that staff ask for, and workers that take them up: each change says from which stand it may be made.

Whose worker died proves its lock (``rooms.living``); from then on another's word on the run changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, DateTimeField, F, QuerySet, Value, When

from ashiato.engine.api import STAGE_NAMES, list_sealed
from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.cases.models import OPEN, CaseFile, Investigation, Stand
from ashiato.terms.errors import Place, ServerError

#: After so many dead workers a run is what kills them.
_MOST_DEATHS = 3
_KILLED_THEM = "every worker that began this run was killed"


@dataclass(frozen=True)
class Holder:
    """The worker that asks: its machine, and the lock that is let go of when it dies."""

    machine: str
    lock_file: str


@dataclass(frozen=True)
class Fault:
    """Why a run failed: what is wrong, where, and what to do."""

    what: str
    where: str = ""
    fix: str = ""


def ask_run(case: CaseFile, staff: Staff, at: datetime) -> Investigation:
    """Ask for a run of a case, an entry of the ledger.

    Raises: ServerError: there is no evidence, of which nothing would be found, or a run is open already.
    """
    if not list_sealed(Path(case.folder)):
        fix = "seal the logs first"
        raise ServerError("there is no evidence in this case", where=Place(case.name), fix=fix)
    try:
        with transaction.atomic():
            asked = Investigation.objects.create(case=case, asked_by=staff, asked_at=at)
            record_entry(staff, "run started", case.name, at=at)
            return asked
    except IntegrityError as error:
        fix = "follow it, or cancel it"
        raise ServerError("this case has a run that is not over", where=Place(case.name), fix=fix) from error


@transaction.atomic
def ask_stop(case: CaseFile, staff: Staff, at: datetime) -> bool:
    """Ask that the open run stop, an entry of the ledger; False where none is open, or it was asked before.

    One that no worker has taken up ends here; what a worker has done so far stays, and the next run of the
    same inputs goes on from it.
    """
    asked = Investigation.objects.filter(case=case, stop_asked_by=None, stand__in=OPEN)
    if not asked.update(stop_asked_by=staff):
        return False
    waiting = Investigation.objects.filter(case=case, stand=Stand.WAITING)
    waiting.update(stand=Stand.STOPPED, ended_at=at)
    record_entry(staff, "run cancelled", case.name, at=at)
    return True


def newest_of(case: CaseFile) -> Investigation | None:
    """Return the newest run asked for in the console, open or over; None where none ever was."""
    return Investigation.objects.filter(case=case).select_related("asked_by").order_by("-pk").first()


def list_open() -> list[Investigation]:
    """Return the runs that wait or go on, the first asked first."""
    return list(Investigation.objects.filter(stand__in=OPEN).select_related("case").order_by("pk"))


def claim(asked: Investigation, holder: Holder, at: datetime) -> bool:
    """Take up a waiting run; False where another was first. One whose answer was lost may be asked again."""
    waiting = Investigation.objects.filter(pk=asked.pk, stand=Stand.WAITING)
    mine = {"machine": holder.machine, "lock_file": holder.lock_file}
    taken = waiting.update(stand=Stand.RUNNING, begun_at=at, stage="", **mine, **_told(Fault("")))
    return bool(taken) or _held(asked, holder).exists()


def release_dead(asked: Investigation, at: datetime) -> bool:
    """Let a run of a dead worker be taken up again, stop as asked, or fail; False where another was first."""
    changes = {"stand": Stand.WAITING, "deaths": F("deaths") + 1}
    if asked.stop_asked_by_id is not None:
        changes = {"stand": Stand.STOPPED, "ended_at": at}
    elif asked.deaths + 1 >= _MOST_DEATHS:
        changes = {"stand": Stand.FAILED, "ended_at": at, "fault": _KILLED_THEM}
    return bool(_held(asked, Holder(asked.machine, asked.lock_file)).update(**changes))


@dataclass(frozen=True)
class Step:
    """How far a run is: its stage, and how much of it is done of how much."""

    stage: str
    done: int
    total: int


def note_step(asked: Investigation, holder: Holder, step: Step) -> bool:
    """Say how far it is and that its worker lives; returns whether it is to stop, or is no longer its own.

    ``asked``: as it stood before it was taken up. One that comes past the stage its last worker died in does
    not kill its workers: their deaths are forgotten.
    """
    mine = _held(asked, holder)
    changes: dict[str, Any] = {"stage": step.stage, "stage_done": step.done, "stage_total": step.total}
    if _place_of(step.stage) > _place_of(asked.stage):
        changes["deaths"] = 0
    mine.update(beats=F("beats") + 1, **changes)
    return not mine.filter(stop_asked_by=None).exists()


def end_done(asked: Investigation, holder: Holder, run: int, at: datetime) -> bool:
    """Say that its answer is there; False where it is another worker's by now."""
    return bool(_held(asked, holder).update(stand=Stand.DONE, ended_at=at, run=run))


def end_failed(asked: Investigation, holder: Holder, fault: Fault, at: datetime) -> bool:
    """Say why it failed; False where it is another worker's by now."""
    return bool(_held(asked, holder).update(stand=Stand.FAILED, ended_at=at, **_told(fault)))


def end_held(asked: Investigation, holder: Holder, fault: Fault, at: datetime) -> bool:
    """Say that another writes to the case just now: it waits, and says for whom; or stops as asked."""
    return bool(_held(asked, holder).update(**_stopped_or_waiting(at), **_told(fault)))


def end_stopped(asked: Investigation, holder: Holder, at: datetime) -> bool:
    """Say that it stopped: for good where somebody asked for it, else it waits for the next worker."""
    return bool(_held(asked, holder).update(**_stopped_or_waiting(at)))


def _stopped_or_waiting(at: datetime) -> dict[str, Any]:
    """Return what one statement changes, so that nobody's wish to stop comes between two."""
    nobody_asked = When(stop_asked_by=None, then=Value(Stand.WAITING))
    not_over = When(stop_asked_by=None, then=Value(None))
    moment = DateTimeField()
    return {
        "stand": Case(nobody_asked, default=Value(Stand.STOPPED)),
        "ended_at": Case(not_over, default=Value(at, moment), output_field=moment),
    }


def _told(fault: Fault) -> dict[str, str]:
    return {"fault": fault.what, "fault_place": fault.where, "fault_fix": fault.fix}


def _place_of(stage: str) -> int:
    return STAGE_NAMES.index(stage) if stage in STAGE_NAMES else -1


def _held(asked: Investigation, holder: Holder) -> QuerySet[Investigation]:
    return Investigation.objects.filter(
        pk=asked.pk, stand=Stand.RUNNING, machine=holder.machine, lock_file=holder.lock_file
    )
