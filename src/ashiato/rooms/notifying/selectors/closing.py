"""The closing sum: everybody in scope is somewhere, and nobody is anywhere twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, F, FilteredRelation, OuterRef, Q, Subquery

from ashiato.rooms.notifying.models import Campaign, Notice, NoticeMove, PersonInScope
from ashiato.rooms.notifying.states import FAILED, OPEN, State


@dataclass(frozen=True)
class ClosingSum:
    """Where the people of a campaign stand, by the notice that counts for each.

    ``lost``: people who are neither excluded nor have a notice that counts. ``open`` by state, ``excluded``
    by reason. ``returned`` is who could not be reached by the last channel, and is not published for.
    """

    people: int
    delivered: int
    returned: int
    published: int
    excluded: Mapping[str, int]
    open: Mapping[str, int]
    lost: int

    @property
    def accounted(self) -> int:
        """Everybody who is somewhere."""
        told = self.delivered + self.returned + self.published
        return told + sum(self.excluded.values()) + sum(self.open.values())

    @property
    def holds(self) -> bool:
        """Whether everybody in scope is accounted for, once."""
        return self.lost == 0 and self.accounted == self.people


def closing_sum(campaign: Campaign) -> ClosingSum:
    """Count a campaign's people by where they stand: one query over people, one over all of them."""
    counting = FilteredRelation("notices", condition=Q(notices__is_current=True))
    people = PersonInScope.objects.filter(campaign=campaign)
    rows = list(
        people.annotate(counts=counting)
        .annotate(stands=F("counts__state"))
        .values_list("excluded", "stands")
        .annotate(number=Count("pk"))
        .order_by("excluded", "stands")
    )
    by_state = {state: number for excluded, state, number in rows if not excluded and state}
    excluded: dict[str, int] = {}
    for why, _, number in rows:
        if why:
            excluded[why] = excluded.get(why, 0) + number
    return ClosingSum(
        people=people.count(),
        delivered=by_state.get(State.DELIVERED, 0),
        returned=sum(by_state.get(state, 0) for state in FAILED),
        published=by_state.get(State.PUBLISHED, 0),
        excluded=excluded,
        open={str(state): by_state[state] for state in OPEN if by_state.get(state)},
        lost=sum(number for why, state, number in rows if not why and state in (None, State.CANCELLED)),
    )


def list_strays(campaign: Campaign) -> list[int]:
    """Return notices whose state is not where their last recorded move led: there are never any."""
    last = NoticeMove.objects.filter(notice=OuterRef("pk")).order_by("-pk").values("new")[:1]
    told = Notice.objects.filter(campaign=campaign).annotate(told=Subquery(last))
    strays = told.filter(Q(told=None) | ~Q(told=F("state")))
    return list(strays.order_by("pk").values_list("pk", flat=True))
