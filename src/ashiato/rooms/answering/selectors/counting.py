"""Counts: why people turned to us, and how many did against how many were expected, per wave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q

from ashiato.law.api import Text
from ashiato.rooms.answering.models import Contact, Desk
from ashiato.rooms.answering.reasons import reasons
from ashiato.rooms.answering.words import Stand, Way
from ashiato.rooms.notifying.api import WaveTold, list_waves_told

UNSORTED = ""


@dataclass(frozen=True)
class ReasonCount:
    """How many contacts (not people) had a reason, by way, and how many people proved who they are.

    ``code`` is empty for contacts nobody sorted yet.
    """

    code: str
    group: Text
    text: Text
    contacts: int
    by_way: Mapping[str, int]
    people: int
    is_sign_of_damage: bool


@dataclass(frozen=True)
class WaveLoad:
    """A wave's forecast against what came. ``forecast`` is what was said when it was drafted.

    ``told``: people handed over to the outside; ``expected``: calls (not people) that so many mean by the
    forecast; ``calls``: contacts by phone from its first handing-over to the next wave's: whichever wave's
    people they are, as most callers are never known. ``minutes``: mean of those closed, None without any.
    """

    wave: WaveTold
    expected: int
    calls: int
    minutes: float | None
    agents: int

    @property
    def told(self) -> int:
        """People of the wave handed over so far."""
        return self.wave.told

    @property
    def permille(self) -> float | None:
        """Calls for 1,000 told; None before anybody is told."""
        return 1000 * self.calls / self.told if self.told else None


def counts_by_reason(
    desk: Desk, since: datetime | None = None, until: datetime | None = None
) -> list[ReasonCount]:
    """Count contacts by the tree, in its order, those without any too, so that rows are comparable."""
    rows = Contact.objects.filter(desk=desk)
    rows = rows.filter(at__gte=since) if since else rows
    rows = rows.filter(at__lt=until) if until else rows
    ways = {str(way): Count("pk", filter=Q(way=way)) for way in Way}
    counted = rows.values("reason").annotate(
        contacts=Count("pk"), people=Count("person", distinct=True), **ways
    )
    by_code: dict[str, Mapping[str, Any]] = {row["reason"]: row for row in counted.order_by("reason")}
    found = [
        _count(code, each.group, each.text, by_code.get(code, {}), damage=each.is_sign_of_damage)
        for code, each in reasons().items()
    ]
    unsorted = Text("未分類", "Not sorted yet")
    return [*found, _count(UNSORTED, unsorted, unsorted, by_code.get(UNSORTED, {}), damage=False)]


def waves_against_forecast(desk: Desk, at: datetime) -> list[WaveLoad]:
    """Hold each wave that has begun against its forecast, up to ``at``."""
    waves = sorted(
        (each for each in list_waves_told(desk.campaign) if each.begun_at is not None),
        key=lambda each: (each.begun_at, each.number),
    )
    ends = [each.begun_at for each in waves[1:]] + [at]
    return [_load(desk, wave, end) for wave, end in zip(waves, ends, strict=True) if end is not None]


def _count(code: str, group: Text, text: Text, row: Mapping[str, Any], *, damage: bool) -> ReasonCount:
    by_way = {str(way): row.get(str(way), 0) for way in Way}
    return ReasonCount(code, group, text, row.get("contacts", 0), by_way, row.get("people", 0), damage)


def _load(desk: Desk, wave: WaveTold, end: datetime) -> WaveLoad:
    rows = Contact.objects.filter(desk=desk, way=Way.PHONE, at__gte=wave.begun_at, at__lt=end)
    lasted = ExpressionWrapper(F("closed_at") - F("at"), output_field=DurationField())
    found = rows.aggregate(
        calls=Count("pk"),
        agents=Count("taken_by", distinct=True),
        lasted=Avg(lasted, filter=Q(stand=Stand.CLOSED)),
    )
    mean: timedelta | None = found["lasted"]
    return WaveLoad(
        wave=wave,
        expected=-(-wave.told * wave.forecast["calls_permille"] // 1000),
        calls=found["calls"],
        minutes=mean.total_seconds() / 60 if mean is not None else None,
        agents=found["agents"],
    )
