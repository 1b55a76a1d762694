"""Open a campaign's desk: its hours, its targets, and the standard answers it begins with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from django.db import transaction

from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.answering.hours import Hours
from ashiato.rooms.answering.ladder import Rung
from ashiato.rooms.answering.models import Desk
from ashiato.rooms.answering.services.scripting import Wording, write_script
from ashiato.rooms.answering.words import TARGETS, Queue
from ashiato.rooms.notifying.api import Campaign
from ashiato.terms.errors import ServerError


@transaction.atomic
def open_desk(
    campaign: Campaign, hours: Hours, staff: Staff, at: datetime, targets: Mapping[Queue, int] = TARGETS
) -> Desk:
    """Open a desk, or give an open one other hours and targets (business minutes by queue)."""
    if set(targets) != set(Queue) or min(targets.values()) < 1:
        raise ServerError("each queue has a target of a minute at least", fix=f"name {', '.join(Queue)}")
    said = {"hours": _plain(hours), "targets": {str(name): each for name, each in targets.items()}}
    desk, is_new = Desk.objects.update_or_create(
        campaign=campaign, defaults=said, create_defaults={**said, "opened_at": at}
    )
    record_entry(staff, "opened desk" if is_new else "changed desk", str(campaign), at=at)
    if is_new:
        for name, wording in _first_wordings():
            write_script(desk, name, wording, staff, at)
    return desk


def get_desk(campaign: Campaign) -> Desk:
    """Return a campaign's desk; ServerError where none was opened."""
    found = Desk.objects.filter(campaign=campaign).first()
    if found is None:
        raise ServerError("this case has no desk yet", fix="ashiato desk open FOLDER")
    return found


def hours_of(desk: Desk) -> Hours:
    """Return when a desk is open."""
    said = desk.hours
    return Hours(
        zone=ZoneInfo(said["zone"]),
        opens=time.fromisoformat(said["opens"]),
        closes=time.fromisoformat(said["closes"]),
        country=said["country"],
        weekdays=frozenset(said["weekdays"]),
        closed=frozenset(date.fromisoformat(each) for each in said["closed"]),
    )


def _plain(hours: Hours) -> dict[str, Any]:
    return {
        "zone": hours.zone.key,
        "opens": hours.opens.isoformat("minutes"),
        "closes": hours.closes.isoformat("minutes"),
        "country": hours.country,
        "weekdays": sorted(hours.weekdays),
        "closed": sorted(each.isoformat() for each in hours.closed),
    }


def _first_wordings() -> Iterator[tuple[str, Wording]]:
    content = resources.files("ashiato.rooms.answering").joinpath("scripts.yaml").read_bytes()
    for name, said in yaml.safe_load(content).items():
        texts = {language: said[language] for language in ("ja", "en")}
        yield name, Wording(said["title"], texts, Rung[said["needs"].upper()])
