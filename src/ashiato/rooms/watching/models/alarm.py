"""Alarms as guards raised them, and the groups in which staff are told of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.accounts.api import Staff
from ashiato.rooms.watching.terms import Answer
from ashiato.terms.alarms import AlarmCode, told_apart


class AlarmKind(models.Model):
    """One row per system and reason of which there ever was an alarm: held while one of them is grouped."""

    PERSONAL: ClassVar[dict[str, str]] = {}

    system = models.CharField(max_length=200)
    code = models.CharField(max_length=20, choices=[(each.value, each.value) for each in AlarmCode])

    class Meta:
        """A kind is there once."""

        constraints = (models.UniqueConstraint(fields=("system", "code"), name="one_kind_of_alarm"),)

    def __str__(self) -> str:
        """Render as the system and the code."""
        return f"{self.system} {self.code}"


class AlarmGroup(models.Model):
    """One row per thing staff are told of: alarms of one kind and the same actors, one soon after the other.

    ``actors_key`` is empty where it gathers alarms of ever new actors, too many of which came at once.
    ``people``, ``rule``, ``people_expected``, ``window_s``, ``actors`` and ``lines`` are those of its alarm
    of the most people. ``told_alarms`` and ``told_people``: how many there were when it was last told;
    ``tellings``: how often that was; ``step``: how far up the ladder of receivers it went since ``told_at``.
    """

    PERSONAL: ClassVar = {
        "actors": "addresses, sessions, accounts that asked; emptied a year after the last alarm",
        "acknowledged_by": "who of staff took it on; kept with the group, and in the ledger",
    }

    kind = models.ForeignKey(AlarmKind, on_delete=models.PROTECT, related_name="groups")
    actors_key = models.CharField(max_length=64, blank=True)
    actors = models.JSONField(default=list)
    actors_count = models.BigIntegerField(default=1)
    rule = models.CharField(max_length=200)
    first_us = models.BigIntegerField()
    last_us = models.BigIntegerField()
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    alarms = models.BigIntegerField(default=0)
    people = models.BigIntegerField(default=0)
    people_expected = models.BigIntegerField(null=True)
    window_s = models.BigIntegerField(default=0)
    lines = models.JSONField(default=list)
    tellings = models.IntegerField(default=0)
    told_at = models.DateTimeField(null=True)
    told_alarms = models.BigIntegerField(default=0)
    told_people = models.BigIntegerField(default=0)
    step = models.IntegerField(default=0)
    acknowledged_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Render as its kind and how many alarms it holds."""
        return f"{self.kind}: {self.alarms}"


class RaisedAlarm(models.Model):
    """One row per alarm that a guard raised, by its key; handed on again it stays one.

    ``answer``: what the guard did about it; ``plan``: the plan of containment by which, where there is one;
    ``trouble``: why that failed.
    """

    PERSONAL: ClassVar = {
        "actors": "addresses, sessions, accounts that asked; emptied a year after it was raised",
    }

    key = models.CharField(max_length=200, unique=True)
    group = models.ForeignKey(AlarmGroup, on_delete=models.PROTECT, related_name="raised")
    rule = models.CharField(max_length=200)
    first_us = models.BigIntegerField()
    last_us = models.BigIntegerField()
    decided_us = models.BigIntegerField()
    raised_at = models.DateTimeField()
    actors = models.JSONField(default=list)
    people = models.BigIntegerField()
    people_expected = models.BigIntegerField(null=True)
    window_s = models.BigIntegerField()
    lines = models.JSONField(default=list)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    plan = models.CharField(max_length=64, blank=True)
    trouble = models.CharField(max_length=200, blank=True)

    @property
    def actors_shown(self) -> list[tuple[str, str]]:
        """Each actor's kind and value; of what opens a door by itself no more than tells it from others."""
        return [(kind, told_apart(kind, value)) for _, kind, value in self.actors]

    def __str__(self) -> str:
        """Render as the key."""
        return self.key


class GroupNote(models.Model):
    """One row per note that somebody of staff wrote on a group."""

    PERSONAL: ClassVar = {
        "staff": "who wrote it; kept with the group, and in the ledger",
        "text": "the words of staff, told to name nobody; kept with the group",
    }

    group = models.ForeignKey(AlarmGroup, on_delete=models.PROTECT, related_name="notes")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()

    def __str__(self) -> str:
        """Render as who wrote it."""
        return f"{self.staff}: {self.group}"
