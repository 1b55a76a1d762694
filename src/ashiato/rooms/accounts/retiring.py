"""How long each table keeps what is personal in it: a policy per table, and doing what it says.

``accounts`` is below every room, so that each names its own policies, and none is without the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import connection, models, transaction
from django.db.models import QuerySet, Value

from ashiato.rooms.accounts.models import Staff
from ashiato.rooms.accounts.services import record_entry

_EACH = 2_000


class Event(StrEnum):
    """From when a term runs."""

    LEFT = "left"
    OUTCOME = "outcome"
    TAKEN = "taken"
    CLOSED = "closed"
    ENDED = "ended"
    EXPIRED = "expired"
    CUT_OFF = "cut_off"
    YEAR = "year"
    PROOF = "proof"


@dataclass(frozen=True)
class Policy:
    """What of one table goes when.

    ``emptied``: columns and what stands in them afterwards; ``removes``: the whole row goes. ``case``: the
    way from a row to the name of its case; empty for what belongs to no case. ``due``: the rows whose time
    has come and which were not retired yet; None: they stay as proof, and name nobody once the key of their
    case or campaign is destroyed. ``own``: how it is done where that takes more than writing columns.
    """

    model: type[models.Model]
    event: Event
    case: str = ""
    due: Callable[[datetime], QuerySet[Any]] | None = None
    emptied: Mapping[str, Any] = field(default_factory=dict)
    removes: bool = False
    own: Callable[[Staff, datetime], int] | None = None

    @property
    def name(self) -> str:
        """The table, as its words are asked for."""
        return str(self.model._meta.label_lower).replace(".", "_")  # noqa: SLF001 - Django's public way to it

    def is_due(self, now: datetime) -> QuerySet[Any]:
        """Return the rows to retire by now; none of a table that stays."""
        rows: QuerySet[Any] = self.model._default_manager.none()  # noqa: SLF001 - as above
        return rows if self.due is None else self.due(now)


def retire(policy: Policy, by: Staff, now: datetime) -> int:
    """Do what a policy says to the rows whose time has come; returns of how many.

    Each batch and its entries of the ledger, one for each case, are one transaction.
    """
    if policy.own is not None:
        return policy.own(by, now)
    counted: Counter[str] = Counter()
    with overwriting():
        while part := _retire_part(policy, by, now):
            counted += part
    return counted.total()


@transaction.atomic
def _retire_part(policy: Policy, by: Staff, now: datetime) -> Counter[str]:
    case = policy.case or Value("")
    rows = list(policy.is_due(now).order_by("pk").values_list("pk", case)[:_EACH])
    held = policy.model._default_manager.filter(pk__in=[key for key, _ in rows])  # noqa: SLF001 - as above
    if policy.removes:
        held.delete()
    else:
        held.update(**policy.emptied)
    counted = Counter(str(name) for _, name in rows)
    for name, count in sorted(counted.items()):
        record_entry(by, "retired", name or "server", at=now, why=f"{policy.name}: {count} rows")
    return counted


@contextmanager
def overwriting() -> Generator[None]:
    """Let SQLite write over the place of what goes, in its file and its journal."""
    _tell_sqlite("PRAGMA secure_delete=ON")
    yield
    _tell_sqlite("PRAGMA wal_checkpoint(TRUNCATE)")


def _tell_sqlite(words: str) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(words)
