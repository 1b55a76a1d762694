"""Workers: who is alive, and what becomes of the claims of those who are not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F

from ashiato.rooms.notifying.models import Notice, Worker
from ashiato.rooms.notifying.services.moving import Because, move
from ashiato.rooms.notifying.states import State

_EACH = 500


def enlist(name: str, *, machine: str, lock_file: str, at: datetime) -> Worker:
    """Add a worker; its lock is held before, so that nobody takes it for dead in between."""
    return Worker.objects.create(name=name, machine=machine, lock_file=lock_file, started_at=at)


def beat(worker: Worker) -> None:
    """Show that a worker goes on."""
    Worker.objects.filter(pk=worker.pk).update(beats=F("beats") + 1)


def list_others(worker: Worker) -> list[Worker]:
    """Return the workers that may have left claims behind."""
    return list(Worker.objects.filter(is_gone=False).exclude(pk=worker.pk).order_by("pk"))


def revive(worker: Worker) -> None:
    """Hold a worker's row, so that nobody buries it meanwhile, and let others look after it again."""
    row = Worker.objects.select_for_update(no_key=True).get(pk=worker.pk)
    if row.is_gone:
        Worker.objects.filter(pk=worker.pk).update(is_gone=False)


@transaction.atomic
def bury(dead: Worker, because: Because) -> list[int]:
    """Put a dead worker's claims in doubt and return them: offered or not, nobody here knows."""
    Worker.objects.select_for_update(no_key=True).get(pk=dead.pk)
    doubted = _move_claims(dead, State.UNKNOWN, because, ())
    Worker.objects.filter(pk=dead.pk).update(is_gone=True)
    return doubted


def give_back(worker: Worker, because: Because, held: Collection[int] = ()) -> list[int]:
    """Let go of the claims that a living worker does not hold: it never offered them, and says so itself."""
    return _move_claims(worker, State.PLANNED, because, held)


def _move_claims(worker: Worker, new: State, because: Because, held: Collection[int]) -> list[int]:
    claimed = Notice.objects.filter(worker=worker, state=State.CLAIMED).exclude(pk__in=held)
    found = list(claimed.order_by("pk").values_list("pk", flat=True))
    moved: list[int] = []
    for start in range(0, len(found), _EACH):
        part = found[start : start + _EACH]
        moved += move(part, State.CLAIMED, new, because, worker=worker)
    return moved
