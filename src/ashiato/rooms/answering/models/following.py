"""What followed a contact: answers given, calls to be made."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.accounts.api import Staff
from ashiato.rooms.answering.models.contact import Contact
from ashiato.rooms.answering.models.script import Script
from ashiato.rooms.answering.words import Outcome, Purpose


class AnswerGiven(models.Model):
    """One row per answer given: which version of which script, in which language, by whom and when."""

    PERSONAL: ClassVar = {"staff": "who answered; kept for the years that proof is owed"}

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="answers")
    script = models.ForeignKey(Script, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=8)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Render as the version told."""
        return f"{self.script} {self.language}"


class CallBack(models.Model):
    """One row per call we owe. ``word`` names the digits whoever answers a verifying call has to say."""

    PERSONAL: ClassVar = {
        "asked_by": "who promised it; kept for the years that proof is owed",
        "ended_by": "who called; kept for the years that proof is owed",
        "word": "an HMAC of four digits; erased with the case's key",
    }

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="call_backs")
    purpose = models.CharField(max_length=8, choices=[(each, each) for each in map(str, Purpose)])
    due_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    word = models.CharField(max_length=32, blank=True)
    calls = models.PositiveSmallIntegerField(default=0)
    wrong_words = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(
        max_length=12, choices=[(each, each) for each in map(str, Outcome)], default=Outcome.OPEN
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        """A contact waits for one call at a time."""

        constraints = (
            models.UniqueConstraint(
                fields=("contact",), condition=models.Q(outcome=Outcome.OPEN), name="one_open_call_back"
            ),
        )
        indexes = (models.Index(fields=("outcome", "due_at"), name="call_backs_due"),)

    def __str__(self) -> str:
        """Render as purpose and outcome."""
        return f"{self.purpose} {self.outcome}"
