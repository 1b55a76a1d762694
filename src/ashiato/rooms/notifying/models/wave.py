"""Waves, who approved what, and gates that hold them back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ashiato.rooms.accounts.models import Staff
from ashiato.rooms.notifying.models.campaign import Campaign


class Wave(models.Model):
    """One row per set of notices that is approved and sent together.

    ``scope_digest`` names who is in it and what they are told: it is what is approved. ``chosen`` is by what
    its people were taken, ``forecast`` what it means for the desk.
    """

    PERSONAL: ClassVar[dict[str, str]] = {}

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="waves")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True)
    people = models.PositiveIntegerField()
    chosen = models.JSONField(default=dict)
    forecast = models.JSONField(default=dict)
    scope_digest = models.CharField(max_length=64)
    is_approved = models.BooleanField(default=False)
    is_stopped = models.BooleanField(default=False)

    class Meta:
        """Waves of a campaign are numbered."""

        constraints = (models.UniqueConstraint(fields=("campaign", "number"), name="waves_are_numbered"),)

    def __str__(self) -> str:
        """Render as campaign and number."""
        return f"{self.campaign}#{self.number}"


class Approval(models.Model):
    """One row per person who approved one thing: a campaign's text, or a wave, as its digest names it."""

    PERSONAL: ClassVar = {"staff": "who approved; kept for the years that proof is owed"}

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="approvals")
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, null=True, blank=True, related_name="approvals")
    digest = models.CharField(max_length=64)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        """Nobody approves the same thing twice: the database refuses it too."""

        constraints = (
            models.UniqueConstraint(
                fields=("campaign", "digest", "staff"), condition=Q(wave=None), name="text_approved_once_each"
            ),
            models.UniqueConstraint(fields=("wave", "digest", "staff"), name="wave_approved_once_each"),
        )

    def __str__(self) -> str:
        """Render as who approved what."""
        return f"{self.staff} {self.wave or self.campaign}"


class Gate(models.Model):
    """One row per campaign and kind of gate: while it is closed, nothing is claimed."""

    PERSONAL: ClassVar = {"closed_by": "who closed or opened it; kept with the campaign"}

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="gates")
    kind = models.CharField(max_length=20)
    most_permille = models.PositiveIntegerField(null=True, blank=True)
    least_seen = models.PositiveIntegerField(default=200)
    is_closed = models.BooleanField(default=False)
    why = models.CharField(max_length=400, blank=True)
    closed_by = models.CharField(max_length=64, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        """A kind of gate stands once in a campaign."""

        constraints = (models.UniqueConstraint(fields=("campaign", "kind"), name="one_gate_of_a_kind"),)

    def __str__(self) -> str:
        """Render as kind and whether it is closed."""
        return f"{self.kind} {'closed' if self.is_closed else 'open'}"
