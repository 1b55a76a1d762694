"""Waves: who is told together, first those with the most at stake, as many as the desk can answer."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from ashiato.rooms.notifying.models import Campaign, Notice, Wave
from ashiato.rooms.notifying.states import Channel, State
from ashiato.terms.errors import ServerError

#: Who comes first: most at stake, surest, then by place and client, so that a desk hears alike questions.
ORDER = ("-person__sensitivity", "-person__grade", "person__region", "person__client", "pk")
_EACH = 500


@dataclass(frozen=True)
class Desk:
    """What the desk can answer in a day, and how many of a thousand people told are expected to call."""

    agents: int
    minutes_each: int = 8
    hours: int = 8
    calls_permille: int = 50

    def __post_init__(self) -> None:
        """Refuse what is no desk."""
        if min(self.agents, self.minutes_each, self.hours, self.calls_permille) < 1:
            raise ServerError(
                "a desk has agents, minutes for a call, hours and expected calls, none of them 0"
            )

    @property
    def calls_a_day(self) -> int:
        """How many calls the desk answers in a day."""
        return self.agents * self.hours * 60 // self.minutes_each

    @property
    def people_a_day(self) -> int:
        """How many people may be told in a day."""
        return max(1, self.calls_a_day * 1000 // self.calls_permille)

    def forecast(self, people: int) -> dict[str, int]:
        """Say what telling so many people on one day means."""
        calls = -(-people * self.calls_permille // 1000)
        return {**asdict(self), "people": people, "calls": calls, "calls_a_day": self.calls_a_day}


def draft_waves(
    campaign: Campaign,
    desk: Desk,
    at: datetime,
    chosen: Mapping[str, str] | None = None,
    begins: datetime | None = None,
) -> list[Wave]:
    """Put every planned notice that has no wave into one, a day each; ``chosen`` narrows by region or client.

    Waves of the same people that nobody approved yet are made anew. ``begins``: before it the first of them
    is not sent, each other one a day later.
    Raises: ServerError: nothing is planned that has no wave.
    """
    _take_apart(campaign, chosen or {})
    waiting = _waiting(campaign, chosen or {})
    ids = array("q", waiting.order_by(*ORDER).values_list("pk", flat=True).iterator(chunk_size=10_000))
    if not ids:
        raise ServerError(
            "no notice waits for a wave", fix=f"ashiato notify plan, or see status of {campaign}"
        )
    size = desk.people_a_day
    parts = [ids[start : start + size] for start in range(0, len(ids), size)]
    newest = campaign.waves.order_by("-number").first()
    first = newest.number + 1 if newest else 1
    waves = []
    for day, part in enumerate(parts):
        wave = Wave(campaign=campaign, number=first + day, made_at=at, chosen=dict(chosen or {}))
        wave.not_before = begins + timedelta(days=day) if begins else None
        waves.append(_draft(wave, part, desk))
    return waves


@transaction.atomic
def _take_apart(campaign: Campaign, chosen: Mapping[str, str]) -> None:
    """Let those wait again whose waves were made of the same people, and approved by nobody."""
    rows = campaign.waves.select_for_update().filter(is_approved=False, is_stopped=False)
    for wave in rows.order_by("number"):
        # Asked once the wave is held: whoever approves it holds it too.
        if wave.chosen == dict(chosen) and not wave.approvals.exists():
            wave.notices.filter(state=State.PLANNED).update(wave=None)
            if not wave.notices.exists():
                wave.delete()


def _waiting(campaign: Campaign, chosen: Mapping[str, str]) -> QuerySet[Notice]:
    narrowed = {f"person__{name}": value for name, value in chosen.items() if name in ("region", "client")}
    waiting = Notice.objects.filter(campaign=campaign, wave=None, state=State.PLANNED, **narrowed)
    return waiting.exclude(channel=Channel.PUBLICATION)


@transaction.atomic
def _draft(wave: Wave, ids: array[int], desk: Desk) -> Wave:
    wave.people, wave.forecast = len(ids), desk.forecast(len(ids))
    wave.save()
    for part in _parts(ids):
        Notice.objects.filter(pk__in=part, wave=None, state=State.PLANNED).update(wave=wave)
    wave.people = wave.notices.count()
    wave.scope_digest = digest_of(wave)
    wave.save(update_fields=["people", "scope_digest"])
    return wave


def _parts(ids: array[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _EACH):
        yield ids[start : start + _EACH].tolist()


def digest_of(wave: Wave) -> str:
    """Name who is in a wave and what they are told, as it is approved."""
    digest = hashlib.sha256(f"{wave.campaign.text_digest}\n".encode())
    rows = wave.notices.exclude(state=State.CANCELLED).order_by("pk").values_list("reference", "answer")
    for reference, answer in rows.iterator(chunk_size=10_000):
        digest.update(f"{reference} {answer}\n".encode())
    return digest.hexdigest()


def ask_anew(campaign: Campaign, waves: Collection[int]) -> None:
    """Take back the approval of waves in which somebody is told something else than was approved."""
    for wave in campaign.waves.filter(pk__in=waves).order_by("number"):
        wave.scope_digest = digest_of(wave)
        wave.is_approved = False
        wave.save(update_fields=["scope_digest", "is_approved"])
