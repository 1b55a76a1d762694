"""Receipts: what the outside reports of a notice, taken once however often it comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from ashiato.rooms.notifying.models import Campaign, Notice, Receipt
from ashiato.rooms.notifying.services.holding import hold_people
from ashiato.rooms.notifying.services.leaving import leave_alone
from ashiato.rooms.notifying.services.moving import Because, move
from ashiato.rooms.notifying.states import Channel, State

_EACH = 500


@dataclass(frozen=True)
class Report:
    """One report: its own identity, of which notice, what became of it, and the words of the other side.

    ``leave_alone``: why nothing more is to be sent to the address, where the report says so.
    """

    key: str
    reference: str
    new: State
    cause: str = ""
    leave_alone: str = ""


@transaction.atomic
def record_receipt(report: Report, at: datetime) -> bool:
    """Take a report; returns whether it is new and of a notice of ours."""
    notice = _held(reference=report.reference)
    if notice is None:
        return False
    receipt, is_new = Receipt.objects.get_or_create(
        key=report.key,
        defaults={"notice": notice, "at": at, "new": report.new, "cause": report.cause[:300]},
    )
    if is_new:
        _apply(receipt, notice, at)
        if report.leave_alone:
            leave_alone({notice.pk: report.leave_alone}, at)
    return is_new


def apply_waiting(campaign: Campaign, at: datetime) -> int:
    """Apply reports that came before their notice was recorded as handed over; returns how many."""
    # By themselves first: they are few, and joined at once a database may begin with the campaign's notices.
    waiting = dict(Receipt.objects.filter(is_applied=False).order_by("pk").values_list("pk", "notice"))
    own = Notice.objects.filter(pk__in=waiting.values(), campaign=campaign).values_list("pk", flat=True)
    ours = set(own) if waiting else set()
    return sum(_apply_one(pk, at) for pk, notice in waiting.items() if notice in ours)


@transaction.atomic
def _apply_one(receipt: int, at: datetime) -> bool:
    row = Receipt.objects.get(pk=receipt)
    notice = _held(pk=row.notice_id)
    return notice is not None and _apply(row, notice, at)


def _held(**named: object) -> Notice | None:
    """Hold a notice, and its person before it: what is reported may be that it failed."""
    found = Notice.objects.filter(**named).values_list("pk", "person").first()
    if found is None:
        return None
    hold_people([found[1]])
    return Notice.objects.select_for_update(no_key=True).filter(pk=found[0]).first()


def _apply(receipt: Receipt, notice: Notice, at: datetime) -> bool:
    """Move a notice as its receipt says; one not recorded as handed over yet waits for that."""
    because = Because(f"receipt: {receipt.cause or receipt.new}", "receipt", at)
    never_offered = notice.state == State.PLANNED and not notice.attempts
    if notice.state == State.CLAIMED or never_offered:
        return False
    if notice.state in (State.UNKNOWN, State.PLANNED):
        move([notice.pk], notice.state, State.HANDED, because)
        notice.state = State.HANDED
    is_news = notice.state == State.HANDED or (
        notice.state == State.DELIVERED and receipt.new != State.DELIVERED
    )
    # One that says no more than that it was taken over settles a doubt, and else nothing.
    if is_news and receipt.new != State.HANDED:
        move([notice.pk], notice.state, State(receipt.new), because)
    receipt.is_applied = True
    receipt.save(update_fields=["is_applied"])
    return True


def settle(campaign: Campaign, now: datetime) -> int:
    """Take as delivered what was handed over long enough ago without a word against it; returns how many.

    Not calls: that their list was handed over does not say that they were made.
    """
    before = now - timedelta(days=campaign.settle_days)
    because = Because(f"settled: {campaign.settle_days} days without a bounce", "settled", now)
    handed = Notice.objects.filter(campaign=campaign, state=State.HANDED, moved_at__lte=before)
    handed = handed.exclude(channel=Channel.CALL)
    count = 0
    while part := list(handed.order_by("pk").values_list("pk", flat=True)[:_EACH]):
        count += len(move(part, State.HANDED, State.DELIVERED, because))
    return count


def publish(campaign: Campaign, because: Because) -> int:
    """Record a publication that stands in for everybody who cannot be reached; returns for how many."""
    planned = Notice.objects.filter(campaign=campaign, state=State.PLANNED, channel="publication")
    count = 0
    while part := list(planned.order_by("pk").values_list("pk", flat=True)[:_EACH]):
        count += len(move(part, State.PLANNED, State.PUBLISHED, because))
    return count
