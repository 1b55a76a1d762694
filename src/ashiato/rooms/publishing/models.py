"""Bundles that were made, and what people sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.notifying.api import Campaign


class BundleMade(models.Model):
    """One row per bundle written for the public pages."""

    PERSONAL: ClassVar[dict[str, str]] = {}

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    manifest_digest = models.CharField(max_length=64)
    statement_digest = models.CharField(max_length=64)
    codes = models.PositiveIntegerField()
    records = models.PositiveIntegerField()

    class Meta:
        """Bundles of a campaign are numbered."""

        constraints = (models.UniqueConstraint(fields=("campaign", "number"), name="bundles_are_numbered"),)

    def __str__(self) -> str:
        """Render as campaign and number."""
        return f"{self.campaign} edition {self.number}"
