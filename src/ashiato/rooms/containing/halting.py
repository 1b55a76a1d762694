"""The big red stop: nothing is applied by itself until a person lifts it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.containing.models import Halt
from ashiato.terms.errors import ServerError


def is_halted() -> bool:
    """Tell whether all automatic action is stopped."""
    return Halt.objects.filter(is_on=True).exists()


def find_halt() -> Halt | None:
    """Return the stop that is in force, if any."""
    return Halt.objects.select_related("said_by").filter(is_on=True).first()


@transaction.atomic
def stop_all(by: Staff, why: str, at: datetime) -> Halt:
    """Stop all automatic action; what is in force goes on until its end or its undoing. Twice is once."""
    if not why.strip():
        raise ServerError("stopping everything takes a reason", fix="say why")
    halt, is_new = Halt.objects.get_or_create(is_on=True, defaults={"said_by": by, "said_at": at, "why": why})
    if is_new:
        record_entry(by, "containment halted", "containment", at=at, why=why)
    return halt


@transaction.atomic
def lift(by: Staff, why: str, at: datetime) -> None:
    """Let automatic action go on; ServerError where nothing is stopped, or no reason is given."""
    if not why.strip():
        raise ServerError("lifting the stop takes a reason", fix="say why")
    if not Halt.objects.filter(is_on=True).update(is_on=False, lifted_by=by, lifted_at=at):
        raise ServerError("automatic action is not stopped", fix="ashiato contain status")
    record_entry(by, "containment halt lifted", "containment", at=at, why=why)
