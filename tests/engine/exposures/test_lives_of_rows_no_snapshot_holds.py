"""Rows that no snapshot holds: what the log's own writes say of each, from when until when."""

from __future__ import annotations

from ashiato.engine.exposures.deeds import Deed, Known, Write
from ashiato.engine.exposures.ghost_lives import ghost_lives
from ashiato.engine.exposures.lives import FIRST_US, LAST_US
from ashiato.engine.exposures.state import StateTable

SEEN_US = 100
KINDS = {"id": "BIGINT", "member_id": "BIGINT", "reason": "VARCHAR"}
VISITS = StateTable("db", "visits", "visits", KINDS, "members", 2, ("id",), None, seen_us=(SEEN_US,))
SECRET: Known = (("member_id", "4"), ("reason", "secret"))


def written(deed: Deed, at_us: int, key: str | None, told: Known = (), untold: tuple[str, ...] = ()) -> Write:
    return Write("visits", at_us, deed, key, told, untold)


def lives(
    *writes: Write, seen: tuple[str, ...] = (), unseen: tuple[Write, ...] = ()
) -> list[tuple[Known, int, int]]:
    """What is known of each row, from when until when."""
    return [life[:3] for life in sorted(ghost_lives(VISITS, writes, seen, unseen), key=lambda life: life[1])]


def test_row_put_in_without_key_and_never_seen_was_there() -> None:
    put = written(Deed.PUT, 20, None, SECRET)
    assert lives(put, unseen=(put,)) == [(SECRET, 20, SEEN_US)]
    assert lives(put) == []


def test_row_is_otherwise_since_it_was_written() -> None:
    put = written(Deed.PUT, 20, "9", (("id", "9"), ("member_id", "4")))
    hung = written(Deed.SET, 30, "9", (("member_id", "5"),))
    gone = written(Deed.TAKEN, 40, "9", (("id", "9"),))
    assert lives(put, hung, gone) == [
        ((("id", "9"), ("member_id", "4")), 20, 30),
        ((("id", "9"), ("member_id", "5")), 30, 40),
    ]


def test_value_not_told_is_not_known_since() -> None:
    put = written(Deed.PUT, 20, "9", (("id", "9"), ("member_id", "4")))
    hung = written(Deed.SET, 30, "9", untold=("member_id",))
    assert ((("id", "9"),), 30, SEEN_US) in lives(put, hung)


def test_write_of_any_row_leaves_its_columns_unknown() -> None:
    put = written(Deed.PUT, 20, "9", (("id", "9"), ("member_id", "4")))
    assert lives(put, written(Deed.SET, 30, None, untold=("member_id",))) == [((("id", "9"),), 20, SEEN_US)]


def test_row_that_may_have_another_key_since_is_the_one_that_had_it() -> None:
    put = written(Deed.PUT, 20, "9", (("id", "9"), ("member_id", "4")))
    assert list(ghost_lives(VISITS, [put, written(Deed.ANY, 30, None)], (), ())) == [((), 20, SEEN_US, "9")]


def test_row_given_a_key_since_had_another_before() -> None:
    given = written(Deed.SET, 30, "9", (("id", "9"),))
    gone = written(Deed.TAKEN, 40, "9", (("id", "9"),))
    assert lives(given, gone) == [((), FIRST_US, 30), ((("id", "9"),), 30, 40)]


def test_write_of_a_row_nobody_saw_makes_none() -> None:
    assert lives(written(Deed.SET, 30, "9", (("reason", "x"),))) == []


def test_row_put_in_after_the_snapshot_is_still_there() -> None:
    assert lives(written(Deed.PUT, 200, "9", SECRET)) == [(SECRET, 200, LAST_US)]


def test_row_that_a_snapshot_holds_is_no_ghost() -> None:
    assert lives(written(Deed.TAKEN, 40, "9", (("id", "9"),)), seen=("9",)) == []
