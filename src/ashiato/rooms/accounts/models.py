"""Staff, and the ledger of what they looked at and decided."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class StaffManager(BaseUserManager["Staff"]):
    """Finds staff by name."""


class Staff(AbstractBaseUser):
    """One row per person who works with the server; never removed, only made inactive."""

    PERSONAL: ClassVar = {
        "name": "who works here, by sign-in name; kept as long as the ledger names them",
        "full_name": "how they are called; emptied when they leave",
        "email": "where they are reached; emptied when they leave",
        "password": "a salted hash; made unusable when they leave",
        "cli_secret": "a salted hash of what proves them on the command line; emptied when they leave",
        "last_login": "when they last signed in; emptied when they leave",
    }

    name = models.CharField(max_length=64, unique=True)
    full_name = models.CharField(max_length=128, blank=True)
    email = models.EmailField(blank=True)
    cli_secret = models.CharField(max_length=128, blank=True)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "name"
    objects = StaffManager()

    def __str__(self) -> str:
        """Render as the sign-in name."""
        return self.name


class LedgerEntry(models.Model):
    """One row per look at a person, and per decision; rows are added and never changed.

    People are named by ``subject``, an HMAC under their case's key: with the key destroyed it names nobody.
    """

    PERSONAL: ClassVar = {
        "staff": "who looked or decided; kept for the years that proof is owed",
        "subject": "the person it is about, as an HMAC; erased by destroying the case's key",
        "why": "the reason given, in the words of staff, told to name nobody; kept as long as the entry",
    }

    at = models.DateTimeField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=40)
    about = models.CharField(max_length=120)
    subject = models.CharField(max_length=32, blank=True)
    why = models.TextField(blank=True)
    before = models.CharField(max_length=64, unique=True)
    chain = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        """Render as what was done to what."""
        return f"{self.verb} {self.about}"


class ApiToken(models.Model):
    """One row per token with which a program acts as somebody of staff; the secret itself is nowhere kept.

    ``prefix`` names it in lists and in the ledger; ``digest`` is the SHA-256 of the whole token, which is
    random and long, so that nothing slower is needed. ``scopes``: what it may do at most.
    """

    PERSONAL: ClassVar = {
        "staff": "whose it is; goes with the row once it has ended, and stays in the ledger",
        "label": "what its owner calls it; goes with the row once it has ended",
        "last_used_at": "when it last came in, to the hour; goes with the row once it has ended",
    }

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="tokens")
    label = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = models.JSONField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Render as the part of it that is no secret."""
        return self.prefix
