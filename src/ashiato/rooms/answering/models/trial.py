"""Tries to be known as somebody."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.accounts.api import Staff
from ashiato.rooms.answering.models.contact import Contact


class Trial(models.Model):
    """One row per try of a caller to be known; rows are added and never changed.

    ``claim`` names what was typed as a code, ``subject`` the person it led to; where it led to nobody they
    are alike, so that a row tells nothing without the keys.
    """

    PERSONAL: ClassVar = {
        "staff": "which of staff typed it; kept for the years that proof is owed",
        "claim": "an HMAC of the code as typed; erased with the case's key",
        "subject": "an HMAC of the person or of the code; erased with the case's key",
        "caller": "an HMAC of the number or address used; erased with the case's key",
    }

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="trials")
    at = models.DateTimeField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    claim = models.CharField(max_length=32)
    subject = models.CharField(max_length=32)
    caller = models.CharField(max_length=32, blank=True)
    has_passed = models.BooleanField()

    class Meta:
        """Failed tries are counted by person, by caller and by agent."""

        indexes = (
            models.Index(fields=("subject", "at"), name="trials_by_person"),
            models.Index(fields=("caller", "at"), name="trials_by_caller"),
            models.Index(fields=("staff", "at"), name="trials_by_agent"),
        )

    def __str__(self) -> str:
        """Render as whether it passed."""
        return "passed" if self.has_passed else "failed"
