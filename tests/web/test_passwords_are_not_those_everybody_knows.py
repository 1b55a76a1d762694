"""Passwords that staff may not choose: our own words, and the operator's list of leaked ones."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError


def _codes(password: str) -> set[str | None]:
    try:
        validate_password(password)
    except ValidationError as refused:
        return {each.code for each in refused.error_list}
    return set()


@pytest.mark.parametrize("weak", ["Ashiato-Ashiato-1", "足跡足跡足跡足跡あしあと12", "localhost!localhost"])
def test_our_own_words_say_nothing(weak: str) -> None:
    assert _codes(weak) == {"password_of_own_words"}


@pytest.mark.parametrize(
    "good", ["静かな運河沿いを歩いて帰った夜", "ashiato on a long quiet canal", "x" * 5 + "!? " * 80 + "yzwv"]
)
def test_what_is_left_without_them_counts(good: str) -> None:
    assert _codes(good) == set()


@pytest.fixture
def leaked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A list of leaked passwords as their keepers hand it out: sorted SHA-1 with counts."""
    words = ["a quiet canal at night", *(f"another {number}" for number in range(500))]
    hashes = sorted(hashlib.sha1(each.encode(), usedforsecurity=False).hexdigest().upper() for each in words)
    (tmp_path / "leaked.txt").write_text("".join(f"{each}:3\r\n" for each in hashes))
    said = {"staff": {"leaked_passwords": "leaked.txt"}}
    monkeypatch.setattr(settings, "CONFIGURATION", replace(settings.CONFIGURATION, home=tmp_path, said=said))
    return tmp_path / "leaked.txt"


@pytest.mark.usefixtures("leaked")
def test_a_leaked_password_is_refused_and_its_neighbour_not() -> None:
    assert _codes("a quiet canal at night") == {"password_leaked"}
    assert _codes("a quiet canal at nighT") == set()


def test_a_list_that_cannot_be_read_lets_none_pass(leaked: Path) -> None:
    leaked.unlink()
    assert _codes("a quiet canal at nighT") == {"password_list_unread"}
