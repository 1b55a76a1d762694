"""Plans to stop somebody, their steps and approvals, and the times at which nothing was done by itself."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.accounts.api import Staff
from ashiato.terms.alarms import told_apart


class Stand(models.TextChoices):
    """Where a plan stands; failed: some of its steps are not in force, which its steps say.

    Stuck: a part holds something else than the plan would have it, so that a person has to look.
    """

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    APPLYING = "applying"
    APPLIED = "applied"
    VERIFIED = "verified"
    FAILED = "failed"
    STUCK = "stuck"
    UNDOING = "undoing"
    UNDONE = "undone"
    EXPIRED = "expired"


class StepStand(models.TextChoices):
    """What is true of one target: claimed may be in force or not, held is, as last seen.

    Foreign: its part holds neither what was nor what is to be.
    """

    WAITING = "waiting"
    SPARED = "spared"
    CLAIMED = "claimed"
    HELD = "held"
    FOREIGN = "foreign"
    FAILED = "failed"
    RELEASED = "released"
    TAKEN_OVER = "taken over"


class Deed(models.TextChoices):
    """What staff may ask of who carries plans out; look: say exactly what applying would change."""

    LOOK = "look"
    APPLY = "apply"
    VERIFY = "verify"
    UNDO = "undo"


#: Plans whose steps may be in force; of these, those that a killed process left half way.
IN_FORCE = (Stand.APPLYING, Stand.APPLIED, Stand.VERIFIED, Stand.FAILED, Stand.STUCK, Stand.UNDOING)
HALF_WAY = (Stand.APPLYING, Stand.UNDOING)
#: Steps that have touched the outside, or may have.
LIVE = (StepStand.CLAIMED, StepStand.HELD, StepStand.FOREIGN)


class Plan(models.Model):
    """One row per plan to stop some targets until a moment.

    ``alarm_key``: the alarm it answers, once. ``reach``: how many honest people and routes it is known to
    touch at most; null where that is not known. ``machine``: which carries it out, and alone may.
    ``ends_as``: what it becomes once all is taken back. ``tries``: rounds in a row in which a part held
    something else. ``asked``: what its machine is still to do, by whose word and why; ``answer``: why the
    last of it was not done. ``looked_at``: when its steps were told what applying would change.
    """

    PERSONAL: ClassVar = {
        "proposed_by": "who proposed it; kept as proof, and in the ledger",
        "why": "the reason given, in the words of staff or of a rule; kept as proof",
        "asked_by": "who asked for the last deed; kept as proof, and in the ledger",
        "asked_why": "the reason given; kept as proof, and in the ledger",
    }

    alarm_key = models.CharField(max_length=200, blank=True)
    why = models.TextField()
    proposed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    until = models.DateTimeField()
    reach = models.IntegerField(null=True)
    is_automatic = models.BooleanField(default=False)
    approvals_needed = models.IntegerField()
    stand = models.CharField(max_length=10, choices=Stand.choices, default=Stand.PROPOSED)
    ends_as = models.CharField(max_length=10, choices=Stand.choices, blank=True)
    machine = models.CharField(max_length=80, blank=True)
    tries = models.IntegerField(default=0)
    applied_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    asked = models.CharField(max_length=10, choices=Deed.choices, blank=True)
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", null=True)
    asked_at = models.DateTimeField(null=True)
    asked_why = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    looked_at = models.DateTimeField(null=True)

    class Meta:
        """An alarm is answered by one plan."""

        constraints = (
            models.UniqueConstraint(
                fields=("alarm_key",), condition=~models.Q(alarm_key=""), name="an_alarm_has_one_plan"
            ),
        )

    def __str__(self) -> str:
        """Render as its number and where it stands."""
        return f"plan {self.pk}: {self.stand}"


class Step(models.Model):
    """One row per target of a plan and the control that stops it.

    ``before`` and ``after`` are the states of the real part, kept before it is touched; ``shown``: what
    applying would change, as it was last looked at. ``is_blocked``: what the last try from the blocked side
    showed, null where none was possible; ``tried`` tells of it.
    """

    PERSONAL: ClassVar = {
        "value": "the address, session or account that was stopped; emptied a year after the plan ended",
        "tried": "what the last try showed; emptied a year after the plan ended",
        "fault": "why it is not as planned; emptied a year after the plan ended",
        "shown": "what applying would change; emptied a year after the plan ended",
    }

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="steps")
    machine = models.CharField(max_length=80, blank=True)
    control = models.CharField(max_length=64)
    system = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=256)
    stand = models.CharField(max_length=10, choices=StepStand.choices, default=StepStand.WAITING)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    is_blocked = models.BooleanField(null=True)
    tried = models.TextField(blank=True)
    fault = models.TextField(blank=True)
    shown = models.TextField(blank=True)

    class Meta:
        """What is touched belongs to one plan at a time, whoever else works."""

        constraints = (
            models.UniqueConstraint(
                fields=("machine", "control", "kind", "value"),
                condition=models.Q(stand__in=LIVE),
                name="a_target_is_held_by_one_step",
            ),
        )
        indexes = (models.Index(fields=("plan", "stand")),)

    @property
    def value_shown(self) -> str:
        """The target as screens show it."""
        return told_apart(self.kind, self.value)

    @property
    def change_shown(self) -> str:
        """What applying would change, as screens show it."""
        named = f"{self.kind} {self.value}"
        return self.shown.replace(named, f"{self.kind} {self.value_shown}", 1)

    def __str__(self) -> str:
        """Render as its control and where it stands."""
        return f"{self.control}: {self.stand}"


class Approval(models.Model):
    """One row per person who approved a plan."""

    PERSONAL: ClassVar = {"staff": "who approved; kept as proof, and in the ledger"}

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="approvals")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        """Two approvals are two persons."""

        constraints = (
            models.UniqueConstraint(fields=("plan", "staff"), name="a_plan_is_approved_once_each"),
        )

    def __str__(self) -> str:
        """Render as who approved what."""
        return f"{self.staff}: plan {self.plan_id}"


class Halt(models.Model):
    """One row per time in which nothing is applied by itself, until a person lifts it."""

    PERSONAL: ClassVar = {
        "said_by": "who stopped it; kept as proof, and in the ledger",
        "lifted_by": "who lifted it; kept as proof, and in the ledger",
        "why": "the reason given; kept as proof",
    }

    said_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    why = models.TextField()
    lifted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", null=True)
    lifted_at = models.DateTimeField(null=True)
    is_on = models.BooleanField(default=True)

    class Meta:
        """One at a time."""

        constraints = (
            models.UniqueConstraint(
                fields=("is_on",), condition=models.Q(is_on=True), name="one_halt_at_a_time"
            ),
        )

    def __str__(self) -> str:
        """Render as since when."""
        return f"halt since {self.said_at}"
