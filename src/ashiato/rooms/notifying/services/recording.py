"""Record what became of what was offered: many at once, each only where it is still the worker's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction

from ashiato.rooms.notifying.models import Notice, Worker
from ashiato.rooms.notifying.services.holding import hold_people_of
from ashiato.rooms.notifying.services.leaving import leave_alone
from ashiato.rooms.notifying.services.moving import WITH_PEOPLE, Because, move
from ashiato.rooms.notifying.states import State


@dataclass(frozen=True)
class Offered:
    """What became of one claimed notice: its new state, why, and what the outside calls it.

    ``leave_alone``: why nothing more is to be sent to its address, where that was proven. ``is_spared``: it
    was not offered, as its address is left alone. ``wait_s``: for how many seconds the outside
    asks to be left alone.
    """

    notice: int
    new: State
    why: str
    outside_reference: str = ""
    content_digest: str = ""
    not_before: datetime | None = None
    leave_alone: str = ""
    is_spared: bool = False
    wait_s: int = 0


@transaction.atomic
def record_offered(worker: Worker, offered: Iterable[Offered], at: datetime) -> None:
    """Record outcomes; those recorded before (an answer of the database was lost) stay as they are.

    A notice that was put in doubt meanwhile, as if its worker were dead, is settled by its worker's word.
    """
    offered = list(offered)
    hold_people_of(each.notice for each in offered if each.new in WITH_PEOPLE)
    alike: dict[tuple[State, str, bool], list[Offered]] = defaultdict(list)
    for each in offered:
        alike[each.new, each.why, each.is_spared].append(each)
    for (new, why, is_spared), those in sorted(alike.items()):
        because = Because(why, worker.name, at)
        ids = [each.notice for each in those]
        values = {"is_spared": True} if is_spared else None
        moved = move(ids, State.CLAIMED, new, because, values, worker=worker)
        if new in (State.HANDED, State.PLANNED) and len(moved) < len(ids):
            late = replace(because, why=f"its worker answered after all: {why}")
            moved += move(ids, State.UNKNOWN, new, late, worker=worker)
            if new is State.HANDED:
                moved += move(ids, State.PLANNED, new, late)
        _keep_words(those, set(moved))
        left = {each.notice: each.leave_alone for each in those if each.leave_alone}
        if left:
            leave_alone(left, at)


def _keep_words(offered: Iterable[Offered], moved: set[int]) -> None:
    """Set what is each notice's own: one statement, prepared once, for all of them."""
    quote, date = connection.ops.quote_name, connection.ops.adapt_datetimefield_value
    said = [
        (each.outside_reference[:200], each.content_digest, date(each.not_before), each.notice)
        for each in offered
        if each.notice in moved
    ]
    names = ("outside_reference", "content_digest", "not_before")
    columns = ", ".join(f"{quote(name)} = %s" for name in names)
    table = quote(Notice._meta.db_table)  # noqa: SLF001 - Django's own documented door
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {columns} WHERE {quote('id')} = %s", said)


@transaction.atomic
def name_batch(worker: Worker, notices: Sequence[int], name: str) -> bool:
    """Name the batch that letters are to be in; False, and none is named, where one is not the worker's.

    Committed when this returns, and so before the batch is handed over.
    """
    claimed = Notice.objects.select_for_update(no_key=True).filter(
        pk__in=notices, state=State.CLAIMED, worker=worker
    )
    if claimed.count() != len(notices):
        return False
    claimed.update(outside_reference=name)
    return True
