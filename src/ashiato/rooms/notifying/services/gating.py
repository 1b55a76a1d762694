"""Gates: what holds a campaign back. Rates close them, and hands; only a hand opens one again."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Count

from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.notifying.models import Campaign, Gate, Notice
from ashiato.rooms.notifying.states import Channel, State


class GateKind(StrEnum):
    """What may hold a campaign back."""

    BOUNCES = "bounces"
    RETURNED = "returned"
    DOUBTS = "doubts"
    CALLS = "calls"
    HOLD = "hold"
    HAND = "hand"


#: Of a thousand that were offered, how many may fail; in doubt stands what nobody answered for, and what a
#: worker that died had claimed.
_MOST = {GateKind.BOUNCES: 50, GateKind.RETURNED: 100, GateKind.DOUBTS: 50}
_KNOWN = (State.HANDED, State.DELIVERED, State.BOUNCED, State.RETURNED)
_WATCHED = {
    GateKind.BOUNCES: ((Channel.EMAIL, Channel.SMS), State.BOUNCED, _KNOWN),
    GateKind.RETURNED: ((Channel.LETTER,), State.RETURNED, _KNOWN),
    GateKind.DOUBTS: ((Channel.EMAIL, Channel.SMS, Channel.LETTER), State.UNKNOWN, (*_KNOWN, State.UNKNOWN)),
}
_SAID = {GateKind.BOUNCES: "bounced", GateKind.RETURNED: "came back", GateKind.DOUBTS: "are in doubt"}


def make_gates(campaign: Campaign, at: datetime) -> None:
    """Give a campaign its gates, all open."""
    for kind in GateKind:
        Gate.objects.get_or_create(
            campaign=campaign, kind=kind, defaults={"changed_at": at, "most_permille": _MOST.get(kind)}
        )


@transaction.atomic
def close_gate(campaign: Campaign, kind: GateKind, staff: Staff, why: str, at: datetime) -> None:
    """Hold a campaign back until somebody opens the gate again."""
    _set(campaign, kind, why, staff.name, at, is_closed=True)
    record_entry(staff, f"closed gate {kind}", str(campaign), at=at, why=why)


@transaction.atomic
def open_gate(campaign: Campaign, kind: GateKind, staff: Staff, why: str, at: datetime) -> None:
    """Let a campaign go on; what a rate counted until now no longer counts."""
    _set(campaign, kind, why, staff.name, at, is_closed=False)
    record_entry(staff, f"opened gate {kind}", str(campaign), at=at, why=why)


@transaction.atomic
def hold_all(staff: Staff, why: str, at: datetime) -> None:
    """Hold every campaign back until somebody opens its gate; why one was held before is said after it."""
    for campaign in Campaign.objects.order_by("pk"):
        make_gates(campaign, at)
        gate = campaign.gates.get(kind=GateKind.HOLD)
        whole = f"{why}; held before: {gate.why}" if gate.is_closed else why
        close_gate(campaign, GateKind.HOLD, staff, whole, at)


def note_sending(campaign: Campaign, staff: Staff, at: datetime) -> None:
    """Keep who lets a worker hand over what approved waves hold; before it begins, whatever comes of it."""
    record_entry(staff, "started sending", str(campaign), at=at)


def watch_gates(campaign: Campaign, at: datetime) -> list[Gate]:
    """Close the gates whose rate is passed, and return those that are closed."""
    for gate in campaign.gates.filter(is_closed=False, most_permille__isnull=False):
        failed, seen = _rate_of(gate)
        if seen >= gate.least_seen and failed * 1000 > seen * (gate.most_permille or 0):
            why = f"{failed:,} of {seen:,} {_SAID[GateKind(gate.kind)]}; {gate.most_permille} of 1,000 may"
            _set(campaign, GateKind(gate.kind), why, "rate", at, is_closed=True)
    return list_closed(campaign)


def list_closed(campaign: Campaign) -> list[Gate]:
    """Return the gates that are closed."""
    return list(campaign.gates.filter(is_closed=True).order_by("kind"))


def calls_count_from(campaign: Campaign) -> datetime | None:
    """Return from when on callers who wait count; None while their gate is closed."""
    gate = campaign.gates.filter(kind=GateKind.CALLS, is_closed=False).first()
    return gate.changed_at if gate else None


def watch_calls(campaign: Campaign, waiting: int, most: int, at: datetime) -> bool:
    """Take how many callers wait: more than ``most`` close the gate. Returns whether they did."""
    if waiting <= most:
        return False
    why = f"{waiting:,} callers wait; {most:,} may"
    _set(campaign, GateKind.CALLS, why, "desk", at, is_closed=True)
    return True


def _rate_of(gate: Gate) -> tuple[int, int]:
    """Return how many failed of how many were offered; one spared was not, and says nothing."""
    channels, failing, seen = _WATCHED[GateKind(gate.kind)]
    since = gate.changed_at
    rows = Notice.objects.filter(
        campaign=gate.campaign_id, state__in=seen, channel__in=channels, moved_at__gte=since, is_spared=False
    )
    counted = dict(rows.values_list("state").annotate(number=Count("pk")).order_by("state"))
    return counted.get(failing, 0), sum(counted.values())


def _set(campaign: Campaign, kind: GateKind, why: str, by: str, at: datetime, *, is_closed: bool) -> None:
    Gate.objects.filter(campaign=campaign, kind=kind).update(
        is_closed=is_closed, why=why[:400], closed_by=by, changed_at=at
    )
