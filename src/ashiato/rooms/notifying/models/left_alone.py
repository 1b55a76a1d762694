"""Addresses that nothing more is sent to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class LeftAlone(models.Model):
    """One row per address or number that is left alone by a channel, whatever the campaign.

    It is an address that is left alone, never a person: a notice goes on by the next channel.
    """

    PERSONAL: ClassVar = {
        "address_key": "an HMAC of the address under the server's key; erased with that key"
    }

    channel = models.CharField(max_length=12)
    address_key = models.CharField(max_length=32)
    why = models.CharField(max_length=100)
    since = models.DateTimeField()

    class Meta:
        """An address is left alone once by a channel."""

        constraints = (
            models.UniqueConstraint(fields=("channel", "address_key"), name="left_alone_once_by_channel"),
        )

    def __str__(self) -> str:
        """Render as the channel and why, which names nobody."""
        return f"{self.channel}: {self.why}"
