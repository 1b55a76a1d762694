"""Notices, and every move they made."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ashiato.rooms.notifying.models.campaign import Campaign
from ashiato.rooms.notifying.models.person import PersonInScope
from ashiato.rooms.notifying.models.wave import Wave
from ashiato.rooms.notifying.models.worker import Worker
from ashiato.rooms.notifying.states import Channel, State


class Notice(models.Model):
    """One row per person, channel and edition: a message that is to be sent once, or was.

    ``is_current`` marks the one that counts for its person. ``reference`` is what the outside knows it by,
    the same over all attempts; ``code`` is the check code on it. ``answer`` and ``content_digest`` prove
    what it told, without the words. ``is_spared``: it failed unoffered, as its address is left alone.
    """

    PERSONAL: ClassVar = {
        "person": "whom it tells; names nobody once the keys are destroyed",
        "answer": "an HMAC of what it tells; erased with the campaign's key",
        "content_digest": "SHA-256 of the message as sent; kept as proof",
    }

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(
        PersonInScope, on_delete=models.CASCADE, related_name="notices", db_index=False
    )
    channel = models.CharField(max_length=12, choices=[(each, each) for each in map(str, Channel)])
    edition = models.PositiveSmallIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    reference = models.CharField(max_length=32, unique=True)
    code = models.CharField(max_length=12, unique=True)
    state = models.CharField(max_length=10, choices=[(each, each) for each in map(str, State)])
    wave = models.ForeignKey(
        Wave, on_delete=models.PROTECT, null=True, blank=True, related_name="notices", db_index=False
    )
    worker = models.ForeignKey(
        Worker, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField()
    answer = models.CharField(max_length=32)
    outside_reference = models.CharField(max_length=200, blank=True)
    content_digest = models.CharField(max_length=64, blank=True)
    is_spared = models.BooleanField(default=False)

    class Meta:
        """Nobody is told twice: one notice per person, channel and edition, and one that counts."""

        constraints = (
            models.UniqueConstraint(
                fields=("person", "channel", "edition"), name="one_notice_per_person_channel_edition"
            ),
            models.UniqueConstraint(
                fields=("person",), condition=Q(is_current=True), name="one_current_notice_per_person"
            ),
        )
        indexes = (
            models.Index(fields=("wave", "id"), condition=Q(state="planned"), name="notices_to_claim"),
            models.Index(fields=("worker",), condition=Q(state="claimed"), name="notices_claimed"),
            models.Index(fields=("campaign", "state"), name="notices_by_state"),
        )

    def __str__(self) -> str:
        """Render as the reference, which names nobody."""
        return self.reference


class NoticeMove(models.Model):
    """One row per change of state of a notice; rows are added and never changed."""

    PERSONAL: ClassVar = {"by": "which worker, or who of staff; kept for the years that proof is owed"}

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="moves")
    at = models.DateTimeField()
    old = models.CharField(max_length=10, blank=True)
    new = models.CharField(max_length=10)
    why = models.CharField(max_length=300)
    by = models.CharField(max_length=64)

    def __str__(self) -> str:
        """Render as the move."""
        return f"{self.old or 'nothing'} -> {self.new}"
