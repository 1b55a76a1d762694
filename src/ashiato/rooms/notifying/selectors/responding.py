"""What was done to tell people, counted from the ledger of sending: for the regulator, and never a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Min

from ashiato.letters.responses import Handed, Published, Response
from ashiato.rooms.notifying.models import Campaign, Notice, NoticeMove
from ashiato.rooms.notifying.selectors.closing import closing_sum
from ashiato.rooms.notifying.states import FAILED, State

_PUBLISHED = "published: "
#: What failed and is followed by nothing is one outcome.
_OUTCOMES = {str(state): str(State.RETURNED) for state in FAILED}


def respond(campaign: Campaign, at: datetime, *, exact: bool) -> Response:
    """Count as of now; ``exact``: no two people of the run may yet turn out to be one."""
    closing = closing_sum(campaign)
    told = {"delivered": closing.delivered, "returned": closing.returned, "published": closing.published}
    handed = NoticeMove.objects.filter(notice__campaign=campaign, new=State.HANDED)
    return Response(
        as_of=at,
        exact=exact,
        run=campaign.run,
        people=closing.people,
        told=handed.aggregate(number=Count("notice__person", distinct=True))["number"],
        outcomes={name: number for name, number in {**told, **closing.open}.items() if number},
        excluded=dict(sorted(closing.excluded.items())),
        channels=_handed(campaign, "channel"),
        waves=_handed(campaign, "wave__number"),
        publications=_publications(campaign),
        settle_days=campaign.settle_days,
    )


def _handed(campaign: Campaign, by: str) -> tuple[Handed, ...]:
    """Count by a column of notices: who was handed anything, when, and where the counting notices stand."""
    moves = NoticeMove.objects.filter(notice__campaign=campaign, new=State.HANDED).annotate(
        key=F(f"notice__{by}")
    )
    found = {
        row["key"]: row
        for row in moves.exclude(key=None)
        .values("key")
        .annotate(people=Count("notice__person", distinct=True), first=Min("at"), last=Max("at"))
    }
    outcomes = _outcomes(campaign, by)
    nothing: dict[str, Any] = {"people": 0, "first": None, "last": None}
    rows = [(key, found.get(key, nothing)) for key in sorted({*found, *outcomes})]
    return tuple(
        Handed(str(key), row["people"], row["first"], row["last"], outcomes.get(key, {})) for key, row in rows
    )


def _outcomes(campaign: Campaign, by: str) -> dict[Any, Mapping[str, int]]:
    counting = Notice.objects.filter(campaign=campaign, is_current=True, person__excluded="")
    rows = counting.exclude(**{by: None}).values_list(by, "state").annotate(number=Count("pk"))
    held: dict[Any, dict[str, int]] = defaultdict(dict)
    for key, state, number in rows.order_by(by, "state"):
        name = _OUTCOMES.get(state, state)
        held[key][name] = held[key].get(name, 0) + number
    return dict(held)


def _publications(campaign: Campaign) -> tuple[Published, ...]:
    moves = NoticeMove.objects.filter(notice__campaign=campaign, new=State.PUBLISHED)
    rows = moves.values("at", "why").annotate(number=Count("pk")).order_by("at", "why")
    return tuple(Published(row["at"], row["why"].removeprefix(_PUBLISHED), row["number"]) for row in rows)
