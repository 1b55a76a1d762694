"""The words of the watch: where a message stands, what a try came to, what a guard did."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

#: What a guard did where it did nothing, as words are asked for.
NOTHING = "none"


class Stand(models.TextChoices):
    """Where a message to a receiver stands; spared: the group was acknowledged before its turn came."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    HANDED = "handed"
    SPARED = "spared"


class Outcome(models.TextChoices):
    """What one try of a message by one way came to; doubt: nobody can tell whether it was taken."""

    HANDED = "handed"
    FAILED = "failed"
    DOUBT = "doubt"


class Answer(models.TextChoices):
    """What a guard did about an alarm; an empty word stands for nothing. Over: refused, or taken back.

    Begun: somebody is to be stopped, and what became of that is not known yet.
    """

    BEGUN = "begun"
    PROPOSED = "proposed"
    DONE = "done"
    VERIFIED = "verified"
    FAILED = "failed"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Response:
    """What a guard did about an alarm, or proposes; ``plan`` names its plan of containment, if any.

    ``trouble``: why it failed, naming nobody.
    """

    answer: Answer
    plan: str = ""
    trouble: str = ""
