"""Messages to those who are to be told, and each try of one."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.watching.models.alarm import AlarmGroup
from ashiato.rooms.watching.terms import Outcome, Stand


class Message(models.Model):
    """One row per telling of a group to one receiver of the operator's file.

    ``machine`` and ``lock_file`` prove the death of the worker that claimed it. ``is_again``: an earlier try
    may have been taken, and nobody can tell. ``tries`` chooses the way: each try the next of the receiver's.
    """

    PERSONAL: ClassVar[dict[str, str]] = {}

    group = models.ForeignKey(AlarmGroup, on_delete=models.PROTECT, related_name="messages")
    telling = models.IntegerField()
    receiver = models.CharField(max_length=64)
    reference = models.CharField(max_length=48, unique=True)
    stand = models.CharField(max_length=10, choices=Stand.choices, default=Stand.WAITING)
    made_at = models.DateTimeField()
    not_before = models.DateTimeField()
    tries = models.IntegerField(default=0)
    is_again = models.BooleanField(default=False)
    machine = models.CharField(max_length=80, blank=True)
    lock_file = models.CharField(max_length=1000, blank=True)
    claimed_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)

    class Meta:
        """A receiver is told of a telling once."""

        constraints = (
            models.UniqueConstraint(fields=("group", "telling", "receiver"), name="a_telling_is_told_once"),
        )

    def __str__(self) -> str:
        """Render as the reference and where it stands."""
        return f"{self.reference}: {self.stand}"


class Try(models.Model):
    """One row per try of a message by one way of its receiver; rows are added and never changed."""

    PERSONAL: ClassVar[dict[str, str]] = {}

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="offered")
    way = models.CharField(max_length=200)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    words = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        """Render as the way and what it came to."""
        return f"{self.way}: {self.outcome}"
