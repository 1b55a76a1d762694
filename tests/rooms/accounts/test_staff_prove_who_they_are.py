"""Staff prove who they are by a secret; whoever comes later is let in by somebody who is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ashiato.rooms.accounts.api import LedgerEntry, Staff, add_staff, find_break, let_in, prove
from ashiato.terms.errors import ServerError

_AT = datetime(2026, 11, 23, 9, tzinfo=UTC)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]


def test_the_first_is_let_in_and_lets_in_others() -> None:
    given = let_in("aoi", None, _AT)
    aoi = prove("aoi", given)
    with pytest.raises(ServerError, match="somebody who works here"):
        let_in("ben", None, _AT)
    assert not Staff.objects.filter(name="ben").exists()
    prove("ben", let_in("ben", aoi, _AT))
    assert [(each.staff.name, each.verb, each.about) for each in LedgerEntry.objects.order_by("pk")] == [
        ("aoi", "let in", "aoi"),
        ("aoi", "let in", "ben"),
    ]
    assert find_break() is None


def test_a_wrong_secret_or_none_proves_nobody() -> None:
    given = let_in("aoi", None, _AT, "correct horse battery")
    for name, secret in (("aoi", ""), ("aoi", given[:-1]), ("ben", given)):
        with pytest.raises(ServerError) as refused:
            prove(name, secret)
        assert given not in f"{refused.value} {refused.value.fix}"
    add_staff("chie")
    with pytest.raises(ServerError, match="no secret yet"):
        prove("chie", "")
    with pytest.raises(ServerError, match="16 characters"):
        let_in("dai", prove("aoi", given), _AT, "short")


def test_another_secret_takes_the_place_of_the_first() -> None:
    first = let_in("aoi", None, _AT)
    aoi = prove("aoi", first)
    second = let_in("aoi", aoi, _AT)
    assert prove("aoi", second) == aoi
    with pytest.raises(ServerError, match="not the secret"):
        prove("aoi", first)
    assert first not in aoi.cli_secret


def test_the_console_and_the_command_line_have_a_secret_each() -> None:
    aoi = add_staff("aoi")
    aoi.set_password("a password of the console")
    aoi.save()
    with pytest.raises(ServerError, match="no secret yet"):
        prove("aoi", "a password of the console")
    given = let_in("aoi", None, _AT)
    kept = Staff.objects.get(name="aoi")
    assert kept.check_password("a password of the console")
    assert not kept.check_password(given)
    assert prove("aoi", given) == aoi


def test_who_left_says_nothing_any_more() -> None:
    given = let_in("aoi", None, _AT)
    Staff.objects.update(is_active=False)
    with pytest.raises(ServerError, match="no longer"):
        prove("aoi", given)
