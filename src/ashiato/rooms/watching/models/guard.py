"""Guards that show themselves, and what each of them follows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Guard(models.Model):
    """One row per guard that ever showed itself, by the name it has in its configuration.

    ``beats`` counts how often it did; a worker that sees it stand still holds the guard for silent.
    ``is_stopped``: it was stopped in order, and its silence says nothing.
    """

    PERSONAL: ClassVar[dict[str, str]] = {}

    name = models.CharField(max_length=64, unique=True)
    beats = models.BigIntegerField(default=0)
    beat_at = models.DateTimeField()
    is_stopped = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Render as the name."""
        return self.name


class Source(models.Model):
    """One row per source of lines that a guard follows; ``newest_us`` is the time of its newest line."""

    PERSONAL: ClassVar[dict[str, str]] = {}

    guard = models.ForeignKey(Guard, on_delete=models.CASCADE, related_name="sources")
    name = models.CharField(max_length=200)
    newest_us = models.BigIntegerField(null=True)

    class Meta:
        """A guard follows a source once."""

        constraints = (models.UniqueConstraint(fields=("guard", "name"), name="one_source_of_a_guard"),)

    def __str__(self) -> str:
        """Render as the guard and the source."""
        return f"{self.guard}: {self.name}"
