"""Read: the ledger of a case, and whether all of it is whole."""

from __future__ import annotations

from datetime import UTC

from django.db.models import Q, QuerySet

from ashiato.rooms.accounts.models import LedgerEntry
from ashiato.rooms.accounts.services import BEGINNING
from ashiato.terms.ids import sha256_text


def find_break() -> int | None:
    """Return the first entry that is not as it was written, or does not follow the one before; else None."""
    before = BEGINNING
    for entry in LedgerEntry.objects.select_related("staff").order_by("pk").iterator():
        words = (entry.staff.name, entry.verb, entry.about, entry.subject, entry.why)
        chain = sha256_text(before, entry.at.astimezone(UTC).isoformat(), *words)
        if entry.before != before or entry.chain != chain:
            return entry.pk
        before = chain
    return None


def entries_about(case: str) -> QuerySet[LedgerEntry]:
    """Return the entries about a case, or about something of it, the newest first."""
    about = Q(about=case) | Q(about__startswith=f"{case}:") | Q(about__startswith=f"{case}/")
    return LedgerEntry.objects.select_related("staff").filter(about).order_by("-pk")
