"""Cases as the server knows them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.accounts.models import Staff
from ashiato.rooms.cases.roles import Role


class CaseFile(models.Model):
    """One row per case the server was told of; the case itself is its folder."""

    PERSONAL: ClassVar[dict[str, str]] = {}

    name = models.SlugField(max_length=64, unique=True)
    folder = models.CharField(max_length=1000)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        """Render as the name."""
        return self.name


class Seat(models.Model):
    """One row per role that somebody of staff has in a case."""

    PERSONAL: ClassVar = {"staff": "who has the role; kept until it is taken back, and in the ledger after"}

    case = models.ForeignKey(CaseFile, on_delete=models.CASCADE, related_name="seats")
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="seats")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    given_at = models.DateTimeField()

    class Meta:
        """A role is had once."""

        constraints = (models.UniqueConstraint(fields=("case", "staff", "role"), name="a_role_is_had_once"),)

    def __str__(self) -> str:
        """Render as who is what in which case."""
        return f"{self.staff} {self.role} {self.case}"
