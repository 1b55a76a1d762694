"""The only file that changes the state of a notice: by compare and swap, with a row for every move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from ashiato.rooms.notifying.models import Notice, NoticeMove, PersonInScope
from ashiato.rooms.notifying.scope import CLEARED
from ashiato.rooms.notifying.services.following import follow_failures
from ashiato.rooms.notifying.services.holding import hold_people_of
from ashiato.rooms.notifying.services.naming import give_codes
from ashiato.rooms.notifying.states import FAILED, State, is_legal
from ashiato.terms.errors import ServerError

_WHY, _BY = 300, 64
#: With what becomes of these notices their people may change.
WITH_PEOPLE = frozenset({*FAILED, State.PLANNED})
#: No statement names more notices: SQLite as some systems build it takes 32,766 values.
_MOST = 10_000


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
    named = list(notices)
    if new in WITH_PEOPLE:
        hold_people_of(named)
    standing = Notice.objects.select_for_update(no_key=True).filter(pk__in=named, state=old, **held)
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


def record_moves(notices: Sequence[int], old: str, new: str, because: Because) -> None:
    """Add a row per move, whatever made it: one statement for all of them."""
    move, notice = NoticeMove._meta, Notice._meta  # noqa: SLF001 - Django's own documented door
    quote = connection.ops.quote_name
    columns = ", ".join(quote(each) for each in ("notice_id", "at", "old", "new", "why", "by"))
    at = connection.ops.adapt_datetimefield_value(because.at)
    said = (at, str(old), str(new), because.why[:_WHY], because.by[:_BY])
    with connection.cursor() as cursor:
        for start in range(0, len(notices), _MOST):
            part = notices[start : start + _MOST]
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(
                f"INSERT INTO {quote(move.db_table)} ({columns}) SELECT {quote('id')}, %s, %s, %s, %s, %s "
                f"FROM {quote(notice.db_table)} WHERE {quote('id')} IN ({marks}) ORDER BY {quote('id')}",
                [*said, *part],
            )


def record_planned(notices: Sequence[Notice], why: str, at: datetime) -> None:
    """Add notices as planned, each with its first move."""
    give_codes(notices)
    made = Notice.objects.bulk_create(notices)
    record_moves([each.pk for each in made], "", State.PLANNED, Because(why, "plan", at))
