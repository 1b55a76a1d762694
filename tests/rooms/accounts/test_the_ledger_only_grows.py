"""The ledger of looks and decisions: chained, so that a change shows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError

from ashiato.rooms.accounts.api import LedgerEntry, add_staff, find_break, get_staff, record_entry
from ashiato.terms.errors import ServerError

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


def _write_three() -> None:
    aoi = add_staff("aoi")
    for verb in ("looked", "approved", "closed"):
        record_entry(aoi, verb, "case-7", at=AT, why="call of the desk", subject="ab" * 16)


def test_entries_follow_one_another_unbroken() -> None:
    _write_three()
    assert find_break() is None
    assert LedgerEntry.objects.count() == 3


def test_a_changed_entry_is_found() -> None:
    _write_three()
    second = LedgerEntry.objects.order_by("pk")[1]
    LedgerEntry.objects.filter(pk=second.pk).update(why="nothing")
    assert find_break() == second.pk


def test_an_entry_taken_out_is_found() -> None:
    _write_three()
    first, second, third = LedgerEntry.objects.order_by("pk")
    second.delete()
    assert find_break() == third.pk
    assert first.chain != third.before


def test_who_left_decides_nothing_any_more() -> None:
    staff = add_staff("ben")
    staff.is_active = False
    staff.save()
    with pytest.raises(ServerError, match="no longer works here"):
        get_staff("ben")
    with pytest.raises(ServerError, match="nobody works here"):
        get_staff("chika")
    with pytest.raises(ServerError, match="the ledger knows them"):
        add_staff("ben")
    with pytest.raises(ServerError, match="own name"):
        add_staff("ashiato")


def test_no_two_entries_follow_one() -> None:
    _write_three()
    third = LedgerEntry.objects.order_by("pk")[2]
    third.pk, third.chain = None, "0" * 64
    with pytest.raises(IntegrityError):
        third.save()
