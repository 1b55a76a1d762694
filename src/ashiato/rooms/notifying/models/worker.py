"""A process that hands notices over."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Worker(models.Model):
    """One row per process that claims notices.

    ``machine`` and ``lock_file`` prove its death on the same machine; elsewhere ``beats`` that stand still
    for as long as a claim may be used do.
    """

    PERSONAL: ClassVar[dict[str, str]] = {}

    name = models.CharField(max_length=40, unique=True)
    machine = models.CharField(max_length=80)
    lock_file = models.CharField(max_length=1000)
    started_at = models.DateTimeField()
    beats = models.BigIntegerField(default=0)
    is_gone = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Render as the name."""
        return self.name
