"""What leads are told: flags on contacts, and alerts on the whole desk."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.accounts.api import Staff
from ashiato.rooms.answering.models.contact import Contact
from ashiato.rooms.answering.models.desk import Desk
from ashiato.rooms.answering.words import AlertKind, Suspicion


class Flag(models.Model):
    """One row per contact and kind of suspicion; ``by`` is empty where the desk's own rules raised it."""

    PERSONAL: ClassVar = {"by": "which of staff raised it; kept with the contact"}

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="flags")
    kind = models.CharField(max_length=12, choices=[(each, each) for each in map(str, Suspicion)])
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        """A kind of suspicion stands once on a contact."""

        constraints = (models.UniqueConstraint(fields=("contact", "kind"), name="one_flag_of_a_kind"),)

    def __str__(self) -> str:
        """Render as the kind."""
        return self.kind


class Alert(models.Model):
    """One row per thing a lead is told: one at a time per kind, queue and grade, for however many contacts.

    ``count``: how many it is about by now; ``told``: how many when it was last raised.
    """

    PERSONAL: ClassVar = {"seen_by": "which lead saw it; kept with the alert"}

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="alerts")
    kind = models.CharField(max_length=12, choices=[(each, each) for each in map(str, AlertKind)])
    queue = models.CharField(max_length=8, blank=True)
    grade = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField()
    told = models.PositiveIntegerField()
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        """However many contacts are late, there is one alert of a kind, queue and grade."""

        constraints = (
            models.UniqueConstraint(
                fields=("desk", "kind", "queue", "grade"),
                condition=models.Q(ended_at=None),
                name="one_open_alert_of_a_kind",
            ),
        )

    def __str__(self) -> str:
        """Render as kind, queue and grade."""
        return f"{self.kind} {self.queue} {self.grade}"
