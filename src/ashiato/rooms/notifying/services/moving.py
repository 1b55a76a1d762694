"""The only file that changes the state of a notice: by compare and swap, with a row for every move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from ashiato.rooms.notifying.models import Notice, NoticeMove, PersonInScope
from ashiato.rooms.notifying.scope import CLEARED
from ashiato.rooms.notifying.services.following import follow_failures
from ashiato.rooms.notifying.services.naming import give_codes
from ashiato.rooms.notifying.states import FAILED, State, is_legal
from ashiato.terms.errors import ServerError

_WHY, _BY = 300, 64


@dataclass(frozen=True)
class Because:
    """Why something moves, on whose word, and when."""

    why: str
    by: str
    at: datetime


@transaction.atomic
def move(
    notices: Iterable[int],
    old: str,
    new: State,
    because: Because,
    values: Mapping[str, Any] | None = None,
    **held: object,
) -> list[int]:
    """Move the notices that still stand at ``old``; returns which did, in order.

    ``values``: other columns to set. ``held``: conditions that must still hold. A notice that fails while
    it counts for its person is followed by the next channel in the same transaction.
    Raises: ServerError: the move is not legal.
    """
    if not is_legal(old, new):
        raise ServerError(f"a notice that is {old or 'nothing'} never becomes {new}")
    standing = Notice.objects.select_for_update().filter(pk__in=list(notices), state=old, **held)
    found = list(standing.order_by("pk").values_list("pk", flat=True))
    if found:
        Notice.objects.filter(pk__in=found).update(state=new, moved_at=because.at, **(values or {}))
        record_moves(found, old, new, because)
        if new == State.PLANNED:
            _withdraw(found, because)
        if new in FAILED:
            follow_failures(found, because.at, record_planned)
    return found


def _withdraw(notices: Sequence[int], because: Because) -> None:
    """Cancel what waits again but must not go: a later edition stands for it, or its person was cleared."""
    cleared = Q(is_current=True, person__excluded="", person__run__lt=F("campaign__run"))
    rows = Notice.objects.filter(pk__in=notices).filter(cleared | Q(is_current=False))
    unwanted = list(rows.order_by("pk").values_list("pk", "person_id", "is_current"))
    if unwanted:
        found = [pk for pk, _, _ in unwanted]
        Notice.objects.filter(pk__in=found).update(state=State.CANCELLED, is_current=False)
        why = replace(because, why="overtaken by a later edition, or its person was cleared meanwhile")
        record_moves(found, State.PLANNED, State.CANCELLED, why)
        people = [person for _, person, is_current in unwanted if is_current]
        PersonInScope.objects.filter(pk__in=people).update(excluded=CLEARED)


def record_moves(notices: Iterable[int], old: str, new: str, because: Because) -> None:
    """Add a row per move, whatever made it."""
    why, by = because.why[:_WHY], because.by[:_BY]
    NoticeMove.objects.bulk_create(
        [NoticeMove(notice_id=pk, at=because.at, old=old, new=new, why=why, by=by) for pk in notices]
    )


def record_planned(notices: Sequence[Notice], why: str, at: datetime) -> None:
    """Add notices as planned, each with its first move."""
    give_codes(notices)
    made = Notice.objects.bulk_create(notices)
    record_moves([each.pk for each in made], "", State.PLANNED, Because(why, "plan", at))
