"""Grades are derived: the whole table by hand, and the laws the table obeys."""

from __future__ import annotations

from itertools import product

import pytest

from ashiato.terms.grades import Grade, Rung, grade_of

BY_HAND = {
    # rung: settled+exact, settled only, exact only, neither (docs/semantics.md, grades)
    Rung.REACHABLE: "possible possible possible possible",
    Rung.INVOLVED: "possible possible possible possible",
    Rung.RETURNED: "confirmed probable probable probable",
    Rung.DELIVERED: "confirmed confirmed probable probable",
    Rung.SEEN_OUTSIDE: "confirmed confirmed probable probable",
}


@pytest.mark.parametrize("rung", Rung, ids=str)
def test_the_derived_grade_is_that_of_the_table(rung: Rung) -> None:
    derived = [
        grade_of(rung, settled=settled, exact=exact).word
        for settled, exact in product((True, False), repeat=2)
    ]
    assert derived == BY_HAND[rung].split()


@pytest.mark.parametrize(("settled", "exact"), list(product((True, False), repeat=2)))
def test_a_higher_rung_never_lowers_the_grade(settled: bool, exact: bool) -> None:
    grades = [grade_of(rung, settled=settled, exact=exact) for rung in Rung]
    assert grades == sorted(grades)


@pytest.mark.parametrize("rung", Rung, ids=str)
def test_more_certainty_never_lowers_the_grade(rung: Rung) -> None:
    weakest = grade_of(rung, settled=False, exact=False)
    for settled, exact in product((True, False), repeat=2):
        assert weakest <= grade_of(rung, settled=settled, exact=exact)
        assert grade_of(rung, settled=settled, exact=exact) <= grade_of(rung, settled=True, exact=True)


@pytest.mark.parametrize("grade", Grade, ids=lambda grade: grade.word)
def test_a_grade_comes_back_from_its_word(grade: Grade) -> None:
    assert Grade.of_word(grade.word) is grade


def test_grades_are_ordered_from_proof_to_confirmation() -> None:
    words = [grade.word for grade in sorted(Grade, reverse=True)]
    assert words == ["confirmed", "probable", "possible", "not shown", "not reached"]


def test_a_word_that_is_no_grade_is_refused() -> None:
    with pytest.raises(KeyError):
        Grade.of_word("certain")
