"""Keys by file: what they lock opens for its owner alone, and never again once they are destroyed."""

from __future__ import annotations

import pytest

from ashiato.rooms.cases.api import Locker, destroy_key, key_path, make_key, name_by, read_key
from ashiato.terms.errors import ServerError


def test_a_locked_text_opens_for_its_owner_alone() -> None:
    locker = Locker(make_key("campaign-one"))
    locked = locker.lock("東京都千代田区".encode(), "dan")
    assert locker.unlock(locked, "dan").decode() == "東京都千代田区"
    for text, owner in ((locked, "emi"), (locked[:-1] + bytes([locked[-1] ^ 1]), "dan")):
        with pytest.raises(ServerError, match="does not open"):
            locker.unlock(text, owner)


def test_a_destroyed_key_opens_nothing() -> None:
    key = make_key("campaign-two")
    assert make_key("campaign-two") == key
    assert destroy_key("campaign-two")
    assert not destroy_key("campaign-two")
    with pytest.raises(ServerError, match="cannot be read"):
        read_key("campaign-two")
    assert make_key("campaign-two") != key


def test_a_key_that_others_may_read_is_refused() -> None:
    make_key("campaign-three")
    assert key_path("campaign-three").stat().st_mode & 0o777 == 0o600
    key_path("campaign-three").chmod(0o640)
    with pytest.raises(ServerError, match="read by others"):
        read_key("campaign-three")


def test_names_by_a_key_keep_their_parts_apart() -> None:
    key = make_key("case-one")
    assert name_by(key, "ab", "c") != name_by(key, "a", "bc")
    assert len(name_by(key, "ab")) == 32
