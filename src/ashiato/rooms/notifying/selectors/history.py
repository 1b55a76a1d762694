"""One person's notices: what went where, when, by whom, what became of it; never what it said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ashiato.rooms.notifying.models import Campaign, Notice, PersonInScope
from ashiato.rooms.notifying.services.naming import person_key_of
from ashiato.terms.errors import ServerError


def history_of(campaign: Campaign, person_id: str) -> dict[str, Any]:
    """Return everything the ledger of sending has of a person, oldest first, as plain values.

    Raises: ServerError: the campaign is not about this person.
    """
    person = find_person(campaign, person_id)
    notices = Notice.objects.filter(person=person).select_related("wave").order_by("pk")
    return {
        "person": person.person_key,
        "grade": person.grade,
        "persona": person.persona,
        "language": person.language,
        "run": person.run,
        "edition": person.edition,
        "excluded": person.excluded,
        "erased_at": _said(person.erased_at),
        "notices": [_notice(each) for each in notices],
    }


def find_person(campaign: Campaign, person_id: str) -> PersonInScope:
    """Return somebody of a campaign by the engine's name; ServerError where they are not in it."""
    key = person_key_of(campaign, person_id)
    found = PersonInScope.objects.filter(campaign=campaign, person_key=key).first()
    if found is None:
        fix = "name a person_id of the run (persons, persons.csv)"
        raise ServerError(f"nobody of this campaign is {person_id}", fix=fix)
    return found


def _notice(notice: Notice) -> dict[str, Any]:
    moves = notice.moves.order_by("pk").values("at", "old", "new", "why", "by")
    receipts = notice.receipts.order_by("pk").values("at", "new", "cause")
    return {
        "reference": notice.reference,
        "code": notice.code,
        "channel": notice.channel,
        "edition": notice.edition,
        "counts": notice.is_current,
        "state": notice.state,
        "wave": notice.wave.number if notice.wave else None,
        "attempts": notice.attempts,
        "answer": notice.answer,
        "content_sha256": notice.content_digest,
        "outside_reference": notice.outside_reference,
        "moves": [{**each, "at": _said(each["at"])} for each in moves],
        "receipts": [{**each, "at": _said(each["at"])} for each in receipts],
    }


def _said(at: datetime | None) -> str:
    return at.isoformat() if at else ""
