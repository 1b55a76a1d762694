"""Where a campaign stands: its waves, its gates, what is in doubt, one person's notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min, Q

from ashiato.rooms.notifying.models import Campaign, Notice, PersonInScope
from ashiato.rooms.notifying.services.approving import is_text_approved
from ashiato.rooms.notifying.services.naming import person_key_of
from ashiato.rooms.notifying.states import State
from ashiato.terms.errors import ServerError


@dataclass(frozen=True)
class Standing:
    """A campaign at a glance; waves and gates as rows to print."""

    is_text_approved: bool
    notices: dict[tuple[str, str], int]
    waves: list[dict[str, Any]]
    gates: list[dict[str, Any]]
    in_doubt: int


def standing_of(campaign: Campaign) -> Standing:
    """Count a campaign's notices by channel and state, and list its waves and gates."""
    counted = Notice.objects.filter(campaign=campaign).values_list("channel", "state")
    rows = counted.annotate(number=Count("pk")).order_by("channel", "state")
    notices = {(channel, state): number for channel, state, number in rows}
    columns = ("number", "people", "is_approved", "is_stopped", "not_before", "forecast", "scope_digest")
    closed = campaign.gates.filter(is_closed=True).order_by("kind")
    return Standing(
        is_text_approved(campaign),
        notices,
        [dict(row) for row in campaign.waves.order_by("number").values(*columns)],
        [dict(row) for row in closed.values("kind", "why", "closed_by")],
        sum(number for (_, state), number in notices.items() if state == State.UNKNOWN),
    )


def list_approvers(campaign: Campaign) -> dict[int | None, list[str]]:
    """Return who approved each wave by its number, and the text (None), as they stand now."""
    given = campaign.approvals.select_related("staff", "wave").order_by("pk")
    as_they_stand = Q(wave=None, digest=campaign.text_digest) | Q(digest=F("wave__scope_digest"))
    approvers: dict[int | None, list[str]] = {}
    for each in given.filter(as_they_stand):
        approvers.setdefault(each.wave.number if each.wave else None, []).append(each.staff.name)
    return approvers


def list_doubts(campaign: Campaign, most: int) -> list[tuple[str, str, str]]:
    """Return notices in doubt, the oldest first: reference, channel, why."""
    rows = Notice.objects.filter(campaign=campaign, state=State.UNKNOWN).order_by("moved_at", "pk")[:most]
    return [(each.reference, each.channel, _last_why(each)) for each in rows]


def _last_why(notice: Notice) -> str:
    last = notice.moves.order_by("-pk").first()
    return last.why if last else ""


def find_notice(campaign: Campaign, person_id: str) -> Notice:
    """Return the notice that counts for a person of the engine; ServerError where there is none."""
    key = person_key_of(campaign, person_id)
    rows = Notice.objects.select_related("person", "campaign__case")
    found = rows.filter(campaign=campaign, person__person_key=key, is_current=True).first()
    if found is None:
        raise ServerError(
            f"nobody is told as {person_id}", fix="name a person_id of the run (persons, persons.csv)"
        )
    return found


def find_told_by_code(campaign: Campaign, code: str) -> Notice | None:
    """Return the notice with this check code that was offered to the outside at least once, or None.

    One query whatever the code is. A code that never left the house is nobody's.
    """
    rows = Notice.objects.select_related("person__campaign")
    return rows.filter(campaign=campaign, code=code, attempts__gt=0).first()


def list_notices(person: PersonInScope) -> list[Notice]:
    """Return all notices of a person, the newest edition first."""
    return list(Notice.objects.filter(person=person).order_by("-edition", "-pk"))


@dataclass(frozen=True)
class WaveTold:
    """A wave's forecast, how many of its notices were handed over, and when the first one was."""

    number: int
    people: int
    forecast: dict[str, int]
    told: int
    begun_at: datetime | None


def list_waves_told(campaign: Campaign) -> list[WaveTold]:
    """Return a campaign's waves by number, with how many of each were told so far."""
    handed = Q(notices__moves__new=State.HANDED)
    rows = campaign.waves.annotate(
        told=Count("notices", filter=handed, distinct=True),
        begun_at=Min("notices__moves__at", filter=handed),
    )
    return [
        WaveTold(each.number, each.people, each.forecast, each.told, each.begun_at)
        for each in rows.order_by("number")
    ]


def newest_forecast(campaign: Campaign) -> dict[str, int] | None:
    """Return what was said of the newest approved wave when it was drafted; None before any is approved."""
    wave = campaign.waves.filter(is_approved=True).order_by("-number").first()
    return dict(wave.forecast) if wave else None
