"""What the outside reported of a notice."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ashiato.rooms.notifying.models.notice import Notice


class Receipt(models.Model):
    """One row per report of the outside: taken once, however often it is sent.

    ``key`` is the report's own identity (a delivery status, a webhook's event, a letter's check code).
    """

    PERSONAL: ClassVar = {"cause": "what the receiving side said, an address cut out of it; kept as proof"}

    key = models.CharField(max_length=64, unique=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="receipts")
    at = models.DateTimeField()
    new = models.CharField(max_length=10)
    cause = models.CharField(max_length=300, blank=True)
    is_applied = models.BooleanField(default=False)

    class Meta:
        """What came before its notice was recorded as handed over waits here."""

        indexes = (models.Index(fields=("id",), condition=Q(is_applied=False), name="receipts_waiting"),)

    def __str__(self) -> str:
        """Render as what it says."""
        return self.new
