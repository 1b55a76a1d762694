"""Cases as the server knows them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.accounts.models import Staff
from ashiato.rooms.cases.roles import Role


class CaseFile(models.Model):
    """One row per case the server was told of; the case itself is its folder."""

    PERSONAL: ClassVar[dict[str, str]] = {}

    name = models.SlugField(max_length=64, unique=True)
    folder = models.CharField(max_length=1000)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        """Render as the name."""
        return self.name


class Seat(models.Model):
    """One row per role that somebody of staff has in a case."""

    PERSONAL: ClassVar = {"staff": "who has the role; kept until it is taken back, and in the ledger after"}

    case = models.ForeignKey(CaseFile, on_delete=models.CASCADE, related_name="seats")
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="seats")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    given_at = models.DateTimeField()

    class Meta:
        """A role is had once."""

        constraints = (models.UniqueConstraint(fields=("case", "staff", "role"), name="a_role_is_had_once"),)

    def __str__(self) -> str:
        """Render as who is what in which case."""
        return f"{self.staff} {self.role} {self.case}"


class Stand(models.TextChoices):
    """Where a run stands that was asked for here."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


#: Stands from which it goes on.
OPEN = (Stand.WAITING, Stand.RUNNING)


class Investigation(models.Model):
    """One row per run of a case that was asked for in the console, from the asking to its end.

    ``machine`` and ``lock_file`` prove on the same machine that its worker has died; elsewhere ``beats`` that
    stand still do. ``deaths``: workers that died over it. ``run``: the number the engine gave its answer.
    """

    PERSONAL: ClassVar = {
        "asked_by": "who asked for it; kept as long as the case, and in the ledger",
        "stop_asked_by": "who asked to stop it; kept as long as the case, and in the ledger",
    }

    case = models.ForeignKey(CaseFile, on_delete=models.CASCADE, related_name="investigations")
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    stop_asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", null=True)
    stand = models.CharField(max_length=10, choices=Stand.choices, default=Stand.WAITING)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    machine = models.CharField(max_length=80, blank=True)
    lock_file = models.CharField(max_length=1000, blank=True)
    beats = models.BigIntegerField(default=0)
    deaths = models.IntegerField(default=0)
    stage = models.CharField(max_length=20, blank=True)
    stage_done = models.BigIntegerField(default=0)
    stage_total = models.BigIntegerField(default=0)
    run = models.IntegerField(null=True)
    fault = models.TextField(blank=True)
    fault_place = models.TextField(blank=True)
    fault_fix = models.TextField(blank=True)

    class Meta:
        """A case is investigated by one run at a time."""

        constraints = (
            models.UniqueConstraint(
                fields=("case",), condition=models.Q(stand__in=OPEN), name="one_open_run_of_a_case"
            ),
        )

    def __str__(self) -> str:
        """Render as the case and where the run stands."""
        return f"{self.case}: {self.stand}"

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.stand in OPEN


class Arrival(models.TextChoices):
    """Where a file stands that is sent to be sealed; known: sealed before, with another custody."""

    RECEIVING = "receiving"
    WHOLE = "whole"
    SEALED = "sealed"
    KNOWN = "known"
    REFUSED = "refused"
    DISCARDED = "discarded"


class Upload(models.Model):
    """One row per file that somebody of staff sends to be sealed, from its announcement to its end.

    How much of it is here is the size of its file, under ``uploads/<token>/`` in the data folder. ``sha256``:
    what the browser read and what arrived, once both are one. ``fault``: why it is not sealed, or not yet.
    """

    PERSONAL: ClassVar = {
        "staff": "who sent it; kept as long as the case, and in the ledger",
        "custodian": "who held it, in the words of staff; kept as in its manifest, and in the ledger",
    }

    token = models.CharField(max_length=32, unique=True)
    case = models.ForeignKey(CaseFile, on_delete=models.CASCADE, related_name="uploads")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    size_bytes = models.BigIntegerField()
    modified_us = models.BigIntegerField()
    stand = models.CharField(max_length=10, choices=Arrival.choices, default=Arrival.RECEIVING)
    source = models.CharField(max_length=200, blank=True)
    custodian = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    fault = models.TextField(blank=True)

    def __str__(self) -> str:
        """Render as the name and where it stands."""
        return f"{self.name}: {self.stand}"
