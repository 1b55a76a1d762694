"""Addresses that are left alone: kept by a keyed hash once dead or complained of, and asked at each claim.

A notice to such an address is not offered: it counts as failed by its channel, with the reason, and the next
channel follows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from ashiato.rooms.cases.api import Locker, make_key, name_by, read_key
from ashiato.rooms.notifying.models import Campaign, LeftAlone, Notice
from ashiato.rooms.notifying.states import Channel
from ashiato.terms.errors import ServerError

#: By which contact value a channel reaches somebody; letters are nobody's to refuse.
_REACHED_BY = {str(Channel.EMAIL): "email", str(Channel.SMS): "phone", str(Channel.CALL): "phone"}
_KEY = "addresses-left-alone"


def leave_alone(whys: Mapping[int, str], at: datetime) -> None:
    """Leave the addresses of notices alone from now on; ``whys`` by notice. One erased by now is nobody's."""
    rows = Notice.objects.filter(pk__in=whys).select_related("person", "campaign").order_by("pk")
    by_campaign: dict[Campaign, list[Notice]] = {}
    for row in rows:
        by_campaign.setdefault(row.campaign, []).append(row)
    LeftAlone.objects.bulk_create(
        [
            LeftAlone(channel=each.channel, address_key=key, why=whys[each.pk][:100], since=at)
            for campaign, those in by_campaign.items()
            for each, key in _named(campaign, those)
        ],
        ignore_conflicts=True,
    )


def list_left_alone(campaign: Campaign, claimed: Sequence[Notice]) -> dict[int, str]:
    """Return which of some notices have an address that is left alone, each with since when and why."""
    if not LeftAlone.objects.exists():
        return {}
    named = _named(campaign, claimed)
    rows = LeftAlone.objects.filter(address_key__in=[key for _, key in named])
    known = {(row.channel, row.address_key): row for row in rows}
    return {
        each.pk: f"left alone since {row.since:%Y-%m-%d}: {row.why}"
        for each, key in named
        if (row := known.get((each.channel, key))) is not None
    }


def _named(campaign: Campaign, notices: Sequence[Notice]) -> list[tuple[Notice, str]]:
    """Name the addresses of notices; those without one, or whose content is erased, are left out."""
    try:
        locker = Locker(read_key(campaign.key_name))
    except ServerError:
        return []
    key = make_key(_KEY)
    return [
        (each, name_by(key, each.channel, address))
        for each in notices
        if each.channel in _REACHED_BY and each.person.erased_at is None
        if (address := _address(each, locker))
    ]


def _address(notice: Notice, locker: Locker) -> str:
    contact = json.loads(locker.unlock(bytes(notice.person.told), notice.person.person_key))["contact"]
    said = str(contact.get(_REACHED_BY[notice.channel]) or "").strip().lower()
    return said if "@" in said else "".join(each for each in said if each.isdigit())
