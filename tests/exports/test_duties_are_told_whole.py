"""Duties in words: every code has words in both languages, and nothing that is not known is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.exports.duties.telling import tell_assessment
from ashiato.exports.words import Language, words_in
from ashiato.law.api import Answer, Kind, Move, Party, Reliance
from ashiato.law.clock_runs import __file__ as runs
from ashiato.law.clocks import __file__ as clocks
from tests.law.diaries import assessed, diary_of

_FACTS = (
    "law.JP: true, law.EU: true, law.KR: true, law.US: true, leak: leak_possible, data.personal: true, "
    "unauthorised_access: true, contact.none: true, encryption.high_grade: true, residents.BR: {exact: 4}"
)


@pytest.mark.parametrize("language", Language)
def test_every_code_of_a_duty_has_words(language: Language) -> None:
    held = words_in(language).held
    for group, codes in {
        "duty_answers": Answer,
        "duty_reliance": Reliance,
        "duty_kinds": Kind,
        "duty_moves": Move,
        "duty_parties": Party,
    }.items():
        assert {str(code) for code in codes} == held[group].keys(), group


def test_every_reading_that_clocks_give_has_words() -> None:
    text = "".join(Path(file).read_text(encoding="utf-8") for file in (clocks, runs))
    for code in words_in(Language.EN).held["duty_readings"]:
        assert f'"{code}"' in text, code


@pytest.mark.parametrize("language", Language)
def test_all_that_is_not_known_is_told(language: Language) -> None:
    found = assessed(diary_of(("2026-09-20", _FACTS)), "2026-09-21")
    words = words_in(language)
    lines = [text for _, text in tell_assessment(found, words)]
    told = "\n".join(lines)
    for duty in found.duties:
        silent = duty.answer is Answer.DOES_NOT and duty.exempted_by is None
        assert silent or duty.rule.title.within(language) in told, duty.rule.id
    assert all(name in told for duty in found.duties for name in duty.missing)
    assert "BR" in told
    assert words.say("duties.heading_unverified") in lines
