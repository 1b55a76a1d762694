"""Ways of the intruder that somebody closed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.accounts.api import Staff
from ashiato.rooms.cases.api import CaseFile


class Closing(models.Model):
    """One row per saying of staff that something the intruder could use is closed to them, with its proof.

    ``foothold``: what it is known by in every run. ``closed_at``: since when it is closed. Taken back it
    stays, and says nothing any more.
    """

    PERSONAL: ClassVar = {
        "staff": "who says so; kept as long as the case, and in the ledger",
        "proof": "the words of staff, told to name nobody; kept as long as the case",
        "taken_back_by": "who took it back; kept as long as the case, and in the ledger",
    }

    case = models.ForeignKey(CaseFile, on_delete=models.CASCADE, related_name="closings")
    foothold = models.CharField(max_length=16)
    run = models.IntegerField()
    closed_at = models.DateTimeField()
    proof = models.TextField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    taken_back_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        """What is closed is said closed once at a time."""

        constraints = (
            models.UniqueConstraint(
                fields=("case", "foothold"),
                condition=models.Q(taken_back_at=None),
                name="one_closing_of_a_foothold",
            ),
        )

    def __str__(self) -> str:
        """Render as the case and what is closed."""
        return f"{self.case}: {self.foothold}"
