"""Whom a campaign is about."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.notifying.models.campaign import Campaign


class PersonInScope(models.Model):
    """One row per person of a campaign: to be told, or excluded with the reason.

    ``edition`` counts what they have been told anew: 1, and one more whenever what they are told changed
    after it was sent. ``answer`` names what they are told now, by a keyed hash, and outlives ``told``.
    ``asked`` is what they said themselves of how to be told (address, language, channel): it stands above
    what any run says.
    """

    PERSONAL: ClassVar = {
        "person_key": "the engine's person by an HMAC under the case's key; erased with that key",
        "told": "name, contact and own fields, locked; erased after ``keep_days``, or with the key",
        "asked": "own words on how to be told, locked; erased after ``keep_days``, or with the key",
        "answer": "an HMAC of what they are told; erased with that key",
        "grade": "how surely they were reached; kept for the closing sum",
        "sensitivity": "how much harm is in what was reached; kept for the order of waves",
        "region": "the prefecture; kept for the order of waves",
        "client": "whose customer they are; kept, as each client is owed its own sum",
        "persona": "in what role their data was held; kept for the closing sum",
        "language": "in which language they are told; kept with the proof",
    }

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="people")
    person_key = models.CharField(max_length=32)
    run = models.IntegerField()
    edition = models.PositiveSmallIntegerField(default=1)
    grade = models.PositiveSmallIntegerField()
    sensitivity = models.PositiveSmallIntegerField(default=0)
    region = models.CharField(max_length=40, blank=True)
    client = models.CharField(max_length=120, blank=True)
    persona = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=8)
    channels = models.CharField(max_length=60, blank=True)
    excluded = models.CharField(max_length=60, blank=True)
    answer = models.CharField(max_length=32)
    told = models.BinaryField()
    erased_at = models.DateTimeField(null=True, blank=True)
    asked = models.BinaryField(default=b"")

    class Meta:
        """A person is in a campaign once."""

        constraints = (models.UniqueConstraint(fields=("campaign", "person_key"), name="one_row_per_person"),)

    def __str__(self) -> str:
        """Render as the key, which names nobody."""
        return self.person_key
