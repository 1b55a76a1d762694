"""Who has which role in which case: given, taken back, asked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from ashiato.rooms.accounts.api import Staff, get_program, record_entry
from ashiato.rooms.cases.models import CaseFile, Seat
from ashiato.rooms.cases.roles import Role
from ashiato.terms.errors import ServerError


def role_named(text: str) -> Role:
    """Return a role by its word; ServerError where there is none."""
    try:
        return Role(text)
    except ValueError:
        known = ", ".join(Role)
        raise ServerError(f"no role is called `{text[:40]}`", fix=f"known are {known}") from None


@transaction.atomic
def give_role(case: CaseFile, staff: Staff, role: Role, at: datetime) -> bool:
    """Give somebody a role in a case, an entry of the ledger; False where they had it.

    Whoever may run the program gives it: the ledger names the program, and the one it is given to.
    """
    _, is_new = Seat.objects.get_or_create(case=case, staff=staff, role=role, defaults={"given_at": at})
    if is_new:
        record_entry(get_program(), "role given", f"{case.name}: {role}", at=at, why=staff.name)
    return is_new


@transaction.atomic
def take_role(case: CaseFile, staff: Staff, role: Role, at: datetime) -> bool:
    """Take a role back, an entry of the ledger; False where they did not have it."""
    taken, _ = Seat.objects.filter(case=case, staff=staff, role=role).delete()
    if taken:
        record_entry(get_program(), "role taken back", f"{case.name}: {role}", at=at, why=staff.name)
    return bool(taken)


def roles_in(case: CaseFile, staff: Staff) -> tuple[Role, ...]:
    """Return the roles somebody has in a case, in a fixed order."""
    held = set(Seat.objects.filter(case=case, staff=staff).values_list("role", flat=True))
    return tuple(role for role in Role if role in held)


def cases_of(staff: Staff) -> QuerySet[CaseFile]:
    """Return the cases in which somebody has a role, the newest first."""
    return CaseFile.objects.filter(seats__staff=staff).distinct().order_by("-added_at", "name")
