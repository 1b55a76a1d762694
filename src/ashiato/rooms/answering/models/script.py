"""Standard answers, by version, and who approved which."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ashiato.rooms.accounts.api import Staff
from ashiato.rooms.answering.ladder import Rung
from ashiato.rooms.answering.models.desk import Desk


class Script(models.Model):
    """One row per version of a standard answer; a version is never changed, the next one is written.

    ``texts``: the words by language. ``needs``: the rung a caller must stand on to be told. ``digest`` names
    all of it, and is what is approved.
    """

    PERSONAL: ClassVar = {"made_by": "who wrote it; kept as long as answers name it"}

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="scripts")
    name = models.SlugField(max_length=40)
    version = models.PositiveIntegerField()
    title = models.JSONField()
    texts = models.JSONField()
    needs = models.PositiveSmallIntegerField(default=Rung.NOBODY)
    digest = models.CharField(max_length=64)
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    is_approved = models.BooleanField(default=False)

    class Meta:
        """Versions of an answer are numbered."""

        constraints = (
            models.UniqueConstraint(fields=("desk", "name", "version"), name="scripts_are_numbered"),
        )

    def __str__(self) -> str:
        """Render as name and version."""
        return f"{self.name} v{self.version}"


class ScriptApproval(models.Model):
    """One row per person who approved one version of a standard answer."""

    PERSONAL: ClassVar = {"staff": "who approved; kept for the years that proof is owed"}

    script = models.ForeignKey(Script, on_delete=models.CASCADE, related_name="approvals")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        """Nobody approves a version twice: the database refuses it too."""

        constraints = (models.UniqueConstraint(fields=("script", "staff"), name="script_approved_once_each"),)

    def __str__(self) -> str:
        """Render as who approved what."""
        return f"{self.staff} {self.script}"
