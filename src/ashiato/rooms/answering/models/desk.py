"""The desk of a campaign."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.answering.words import Queue
from ashiato.rooms.notifying.api import Campaign


class Desk(models.Model):
    """One row per campaign that has a desk: its hours, and the targets of its queues in business minutes."""

    PERSONAL: ClassVar[dict[str, str]] = {}

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    hours = models.JSONField()
    targets = models.JSONField()

    def __str__(self) -> str:
        """Render as the campaign."""
        return str(self.campaign)

    def target(self, queue: str) -> int:
        """Return how many business minutes a contact of a queue may take."""
        return int(self.targets[Queue(queue)])
