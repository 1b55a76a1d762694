"""Somebody who turned to the desk."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.accounts.api import Staff
from ashiato.rooms.answering.ladder import Rung
from ashiato.rooms.answering.models.desk import Desk
from ashiato.rooms.answering.words import Queue, Stand, Way
from ashiato.rooms.notifying.api import Notice, PersonInScope


class Contact(models.Model):
    """One row per time somebody turned to the desk, by whatever way; ``number`` counts them.

    ``person`` and ``notice`` are empty until the caller is verified. ``caller`` names a number or address by
    the case's key, so that contacts of one caller are known as such. ``slips``: failed tries.
    """

    PERSONAL: ClassVar = {
        "caller": "an HMAC of the number or address they used; erased with the case's key",
        "words": "number, name and words as given, locked; erased with the campaign's key",
        "person": "whom they proved to be; names nobody once the keys are destroyed",
        "notice": "whose code they gave; names nobody once the keys are destroyed",
        "language": "in which language they spoke; kept for counts",
        "taken_by": "which of staff answers; kept for the years that proof is owed",
    }

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="contacts")
    number = models.PositiveIntegerField()
    way = models.CharField(max_length=8, choices=[(each, each) for each in map(str, Way)])
    language = models.CharField(max_length=8)
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    stand = models.CharField(max_length=8, choices=[(each, each) for each in map(str, Stand)])
    queue = models.CharField(max_length=8, choices=[(each, each) for each in map(str, Queue)])
    reason = models.CharField(max_length=60, blank=True)
    caller = models.CharField(max_length=32, blank=True, db_index=True)
    words = models.BinaryField()
    taken_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    rung = models.PositiveSmallIntegerField(default=Rung.NOBODY)
    slips = models.PositiveSmallIntegerField(default=0)
    person = models.ForeignKey(
        PersonInScope, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        """Contacts of a desk are numbered, and whom somebody is, is known from the first rung on."""

        constraints = (
            models.UniqueConstraint(fields=("desk", "number"), name="contacts_are_numbered"),
            models.CheckConstraint(
                condition=models.Q(rung=Rung.NOBODY, person=None, notice=None)
                | models.Q(rung__gt=Rung.NOBODY, person__isnull=False, notice__isnull=False),
                name="nobody_is_known_before_the_ladder",
            ),
        )
        indexes = (models.Index(fields=("desk", "stand", "queue", "at"), name="contacts_by_queue"),)

    def __str__(self) -> str:
        """Render as the number, which names nobody."""
        return f"{self.desk} contact {self.number}"
