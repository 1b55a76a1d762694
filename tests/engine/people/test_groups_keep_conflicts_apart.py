"""Joining under constraints: no group holds a conflict, whatever the order; a human's word stands."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.people.clusters import (
    Groups,
    Marks,
    Pair,
    births_near,
    identities_conflict,
    join_pairs,
    numbers_near,
)

_BIRTHS = [19840203, 19840302, 19840204, 19500101, 20101231]
MARKS = st.lists(
    st.builds(
        lambda birth, number, sex: Marks({(birth, number)}, {sex} if sex else set()),
        st.sampled_from([None, *_BIRTHS]),
        st.sampled_from([None, "123456", "123465", "999999"]),
        st.sampled_from([None, "M", "F"]),
    ),
    min_size=2,
    max_size=8,
)


@st.composite
def registers(draw: st.DrawFn) -> tuple[dict[int, Marks], list[Pair]]:
    marks = dict(enumerate(draw(MARKS)))
    every = list(combinations(marks, 2))
    chosen = draw(st.lists(st.sampled_from(every), unique=True))
    return marks, [Pair(a, b, draw(st.integers(7000, 7003))) for a, b in chosen]


@given(registers(), st.randoms())
def test_groups_hold_no_conflict_in_any_order(
    register: tuple[dict[int, Marks], list[Pair]], dice: object
) -> None:
    marks, pairs = register
    groups = Groups(marks)
    refused = join_pairs(groups, pairs)
    shuffled = list(pairs)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    again = Groups(marks)
    assert join_pairs(again, shuffled) == refused
    assert again.members() == groups.members()
    for one, other in combinations(marks, 2):
        if groups.find(one) == groups.find(other):
            assert marks[one].conflicts(marks[other]) == []
    for pair in pairs:
        assert groups.find(pair.a) == groups.find(pair.b) or any(
            (pair.a, pair.b) == (left.a, left.b) for left in refused
        )


def test_what_a_human_keeps_apart_is_never_joined_through_others() -> None:
    groups = Groups({})
    groups.keep_apart(1, 3)
    refused = join_pairs(groups, [Pair(1, 2, 9000), Pair(2, 3, 8000), Pair(1, 3, 9999)])
    assert refused == []
    assert groups.members() == {2: 1}


def test_a_human_may_join_what_conflicts() -> None:
    groups = Groups({1: Marks({(19500101, None)}), 2: Marks({(19810412, None)})})
    assert groups.join(1, 2) == ["birth"]
    assert groups.join(1, 2, by_hand=True) == []
    assert groups.find(2) == 1


def test_typing_errors_are_near_and_other_days_are_not() -> None:
    assert births_near(19840203, 19840302)
    assert births_near(19840203, 19480203)
    assert not births_near(19840203, 19850303)
    assert numbers_near("2176932", "2176923")
    assert not numbers_near("2176932", "1212121")


def test_a_number_bears_out_a_birth_date_and_the_reverse() -> None:
    assert identities_conflict((19500101, "1234567"), (19810412, "1234567")) == []
    assert identities_conflict((19500101, "1234567"), (19500101, "7777777")) == []
    assert identities_conflict((19500101, None), (19810412, "1234567")) == ["birth"]
    assert identities_conflict((19500101, "1234567"), (19810412, "7777777")) == ["birth", "number"]
