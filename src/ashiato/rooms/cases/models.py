"""Cases as the server knows them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class CaseFile(models.Model):
    """One row per case the server was told of; the case itself is its folder."""

    PERSONAL: ClassVar[dict[str, str]] = {}

    name = models.SlugField(max_length=64, unique=True)
    folder = models.CharField(max_length=1000)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        """Render as the name."""
        return self.name
