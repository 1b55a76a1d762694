"""Write: staff who join, entries of the ledger."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from ashiato.rooms.accounts.models import LedgerEntry, Staff
from ashiato.terms.errors import ServerError
from ashiato.terms.ids import sha256_text

BEGINNING = "0" * 64
#: Who stands in the ledger where no person acted.
PROGRAM = "ashiato"
#: The number that those who write the ledger wait for: the letters of its name.
_LEDGER = int.from_bytes(b"ledger")


def get_staff(name: str) -> Staff:
    """Return who works here under this name; ServerError where nobody does, or no longer."""
    found = Staff.objects.filter(name=name).first()
    if found is None or not found.is_active:
        what = f"nobody works here as `{name}`" if found is None else f"`{name}` no longer works here"
        fix = f"ashiato notify staff {name} --by WHO" if found is None else "name somebody who does"
        raise ServerError(what, fix=fix)
    return found


def add_staff(name: str, *, full_name: str = "", email: str = "") -> Staff:
    """Let somebody work here; the same name again is the same person.

    Raises: ServerError: the name is the program's own, or of somebody who left: the ledger names them by it.
    """
    if name == PROGRAM:
        raise ServerError(f"`{name}` is the program's own name", fix="choose another")
    staff = _named(name, full_name, email)
    if not staff.is_active:
        raise ServerError(
            f"`{name}` no longer works here, and the ledger knows them", fix="choose another name"
        )
    return staff


def _named(name: str, full_name: str = "", email: str = "") -> Staff:
    staff, made = Staff.objects.get_or_create(name=name, defaults={"full_name": full_name, "email": email})
    if made:
        staff.set_unusable_password()
        staff.save(update_fields=["password"])
    return staff


def get_program() -> Staff:
    """Return whom the ledger names where the program acted by itself; nobody can sign in as it."""
    program = _named(PROGRAM)
    if program.is_active:
        program.is_active = False
        program.save(update_fields=["is_active"])
    return program


@transaction.atomic
def record_entry(
    staff: Staff, verb: str, about: str, *, at: datetime, why: str = "", subject: str = ""
) -> LedgerEntry:
    """Add an entry, chained to the one before it: whoever changes one changes all that follow."""
    _take_turns()
    last = LedgerEntry.objects.order_by("-pk").first()
    before = last.chain if last else BEGINNING
    chain = sha256_text(before, at.isoformat(), staff.name, verb, about, subject, why)
    return LedgerEntry.objects.create(
        at=at, staff=staff, verb=verb, about=about, subject=subject, why=why, before=before, chain=chain
    )


def _take_turns() -> None:
    """Let one writer after the other add to the ledger, until its transaction ends.

    A row's lock would not do on PostgreSQL: who waited for it goes on with the row it saw before. SQLite has
    one writer at a time as it is.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LEDGER])
