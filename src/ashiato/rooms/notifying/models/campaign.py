"""A campaign: one duty of one case to tell people."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.cases.models import CaseFile


class Campaign(models.Model):
    """One row per duty of a case to tell people.

    ``matter`` is what every notice of it says alike (the incident, who speaks, the desk), as its file had
    it; ``text_digest`` names that and the templates, and is what is approved. ``keep_days`` after the
    last outcome of a person's notices, what they were made from is erased.
    """

    PERSONAL: ClassVar = {"matter": "names of desk staff, where the operator wrote them; kept as proof"}

    case = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="+")
    duty = models.SlugField(max_length=64)
    made_at = models.DateTimeField()
    language = models.CharField(max_length=8, default="ja")
    matter = models.JSONField(default=dict)
    text_digest = models.CharField(max_length=64, blank=True)
    run = models.IntegerField(default=0)
    settle_days = models.PositiveSmallIntegerField(default=7)
    keep_days = models.PositiveSmallIntegerField(default=180)
    publishes = models.BooleanField(default=True)

    class Meta:
        """A duty of a case is one campaign."""

        constraints = (models.UniqueConstraint(fields=("case", "duty"), name="one_campaign_per_duty"),)

    def __str__(self) -> str:
        """Render as case and duty."""
        return f"{self.case.name}/{self.duty}"

    @property
    def key_name(self) -> str:
        """The name of the key under which its people's contact values lie."""
        return f"campaign-{self.pk}"
