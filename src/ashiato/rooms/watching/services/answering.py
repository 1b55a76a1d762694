"""What staff do about a group: take it on, and write notes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.watching.models import AlarmGroup, GroupNote
from ashiato.rooms.watching.terms import Stand
from ashiato.terms.errors import ServerError

_SHORTEST, _LONGEST = 5, 400


def get_group(number: int) -> AlarmGroup:
    """Return a group by its number; ServerError where there is none."""
    found = AlarmGroup.objects.select_related("kind", "acknowledged_by").filter(pk=number).first()
    if found is None:
        raise ServerError(f"there is no alarm {number}", fix="ashiato alarms list")
    return found


@transaction.atomic
def acknowledge(number: int, staff: Staff, at: datetime, case: str = "") -> bool:
    """Take a group on: nobody further is told of it until it grows; False where somebody has it already."""
    group = get_group(number)
    free = AlarmGroup.objects.filter(pk=group.pk, acknowledged_at=None)
    if not free.update(acknowledged_at=at, acknowledged_by=staff):
        return False
    group.messages.filter(stand=Stand.WAITING).update(stand=Stand.SPARED)
    record_entry(staff, "alarm acknowledged", _about(group, case), at=at)
    return True


@transaction.atomic
def write_note(number: int, staff: Staff, text: str, at: datetime, case: str = "") -> GroupNote:
    """Write a note on a group, an entry of the ledger; ServerError for one too short or too long."""
    if not _SHORTEST <= len(text) <= _LONGEST:
        raise ServerError(f"a note has {_SHORTEST} to {_LONGEST} characters", fix="write what you saw or did")
    group = get_group(number)
    record_entry(staff, "alarm noted", _about(group, case), at=at, why=text)
    return GroupNote.objects.create(group=group, staff=staff, at=at, text=text)


def record_look(group: AlarmGroup, staff: Staff, at: datetime, case: str) -> None:
    """Keep who looked at a group, whose page names sessions and accounts, in which case."""
    record_entry(staff, "alarm seen", _about(group, case), at=at)


def _about(group: AlarmGroup, case: str) -> str:
    """Name a group as the ledger of the case has it, through which somebody came to it, if through one."""
    return ": ".join(filter(None, (case, f"alarm {group.pk}", group.kind.code)))
