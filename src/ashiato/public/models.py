"""The narrow store: what bundles brought, what people sent in sealed letters, and counts that name nobody."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Edition(models.Model):
    """One row per bundle that was loaded; the newest one is what the pages say.

    ``statement`` is what is said to everybody; ``bits`` and ``record_bytes`` say how records are cut.
    """

    PERSONAL: ClassVar[dict[str, str]] = {}

    number = models.PositiveIntegerField(unique=True)
    made_at = models.CharField(max_length=40)
    manifest_digest = models.CharField(max_length=64)
    statement = models.JSONField()
    bits = models.PositiveSmallIntegerField()
    record_bytes = models.PositiveIntegerField()
    loaded_at = models.DateTimeField()

    def __str__(self) -> str:
        """Render as the number."""
        return str(self.number)

    @property
    def day(self) -> str:
        """The day on which it was made."""
        return self.made_at[:10]


class CodeGiven(models.Model):
    """One row per edition and message of ours: its code's fingerprint, nothing without the pepper.

    Rows of an edition that is not in force yet, or no longer, answer nobody.
    """

    PERSONAL: ClassVar = {
        "fingerprint": "a keyed hash of a check code; goes with the next bundle, or with the key"
    }

    pk = models.CompositePrimaryKey("edition", "fingerprint")
    edition = models.PositiveIntegerField()
    fingerprint = models.BinaryField(max_length=16)

    def __str__(self) -> str:
        """Render as what names nobody."""
        return "a code"


class RecordBucket(models.Model):
    """One row per edition and bucket of records, all of one size; without a letter's code none opens."""

    PERSONAL: ClassVar = {
        "records": "who was told of which kinds of data, each closed under their own code; goes with a bundle"
    }

    pk = models.CompositePrimaryKey("edition", "number")
    edition = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    records = models.BinaryField()

    def __str__(self) -> str:
        """Render as the number."""
        return str(self.number)


class SealedLetter(models.Model):
    """One row per form somebody sent; the console alone opens it; gone once a bundle says it was taken."""

    PERSONAL: ClassVar = {"sealed": "what somebody wrote, sealed to the console; removed once it was taken"}

    name = models.BinaryField(primary_key=True, max_length=16)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        """Render as what names nobody."""
        return "a letter"


class Tally(models.Model):
    """One row per hour and thing counted: a client's tries under a daily name, or what was asked.

    Rows of past hours are removed when letters are handed over.
    """

    PERSONAL: ClassVar = {"name": "a network address under a keyed hash of the day; removed after a day"}

    name = models.CharField(max_length=60)
    hour = models.PositiveIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        """A thing is counted once an hour."""

        constraints = (models.UniqueConstraint(fields=("name", "hour"), name="one_count_an_hour"),)

    def __str__(self) -> str:
        """Render as the count."""
        return str(self.count)
