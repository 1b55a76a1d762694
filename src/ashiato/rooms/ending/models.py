"""The time figures of cases, kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.cases.api import CaseFile


class KeptTimes(models.Model):
    """One row per case of which time figures were taken; ``said``: as in its ``times.json``."""

    PERSONAL: ClassVar = {
        "said": "numbers and moments, and where staff closed it by word their name; kept as proof",
    }

    case = models.OneToOneField(CaseFile, on_delete=models.PROTECT, related_name="times")
    taken_at = models.DateTimeField()
    said = models.JSONField()

    def __str__(self) -> str:
        """Render as the case."""
        return str(self.case)
