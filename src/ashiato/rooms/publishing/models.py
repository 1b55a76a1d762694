"""Bundles that were made, and what people sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.notifying.api import Campaign, PersonInScope


class BundleMade(models.Model):
    """One row per bundle written for the public pages."""

    PERSONAL: ClassVar[dict[str, str]] = {}

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    manifest_digest = models.CharField(max_length=64)
    statement_digest = models.CharField(max_length=64)
    codes = models.PositiveIntegerField()
    records = models.PositiveIntegerField()

    class Meta:
        """Bundles of a campaign are numbered."""

        constraints = (models.UniqueConstraint(fields=("campaign", "number"), name="bundles_are_numbered"),)

    def __str__(self) -> str:
        """Render as campaign and number."""
        return f"{self.campaign} edition {self.number}"


class Received(models.Model):
    """One row per letter somebody sent from the public pages; opened at the console, and locked again.

    ``passed_at``: when the desk got it; empty while it waits for one.
    """

    PERSONAL: ClassVar = {
        "said": "what somebody wrote, locked; erased with the campaign's key",
        "kind": "what it is; kept for the sums of the desk",
    }

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=20)
    taken_at = models.DateTimeField()
    said = models.BinaryField()
    passed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Letters that wait for the desk are found by themselves."""

        indexes = (
            models.Index(
                fields=("campaign",), condition=models.Q(passed_at=None), name="letters_for_the_desk"
            ),
        )

    def __str__(self) -> str:
        """Render as what it is."""
        return self.kind


class AnswerOwed(models.Model):
    """One row per person and edition whose contact was asked about: the answer goes to that contact once.

    ``state``: owed, claimed (by a sender that has not said more), sent, refused or doubtful.
    """

    PERSONAL: ClassVar = {
        "person": "who is answered; names nobody once the keys are destroyed",
        "way": "whether by mail, telephone or post; kept for the sums of the desk",
    }

    person = models.ForeignKey(PersonInScope, on_delete=models.CASCADE, related_name="+")
    edition = models.PositiveSmallIntegerField()
    way = models.CharField(max_length=5)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="owed")
    moved_at = models.DateTimeField()

    class Meta:
        """However often it is asked, one answer."""

        constraints = (
            models.UniqueConstraint(
                fields=("person", "edition", "way"), name="one_answer_per_edition_and_way"
            ),
        )

    def __str__(self) -> str:
        """Render as the state."""
        return self.state
