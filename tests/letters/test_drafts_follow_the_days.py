from __future__ import annotations

from pathlib import Path

from ashiato.exports.words import Language
from ashiato.law.api import load_diary
from ashiato.letters.changes import with_changes
from ashiato.letters.document import Change
from tests.letters.matters import drafted, known, line_of

DIARY = known(
    ("2026-06-26", "leak: leak_possible, people: {at_most: 900}"),
    ("2026-06-28", "people: {at_most: 1001}, data.special_care: true, text.cause: 認証の不備"),
)


def test_each_day_has_the_draft_of_that_day() -> None:
    first = drafted("ppc-preliminary", DIARY, as_of="2026-06-25")
    assert line_of(first, "people") is None
    second = drafted("ppc-preliminary", DIARY, as_of="2026-06-26")
    assert line_of(second, "people") == "at most 900 people"
    third = drafted("ppc-preliminary", DIARY, as_of="2026-06-28", language=Language.JA)
    assert line_of(third, "people") == "最大1,001人"
    assert line_of(third, "cause") == "認証の不備"


def test_a_later_draft_shows_what_moved() -> None:
    before, now = (drafted("ppc-preliminary", DIARY, as_of=day) for day in ("2026-06-26", "2026-06-28"))
    moved = with_changes(now, before)
    assert Change("Number of people", "at most 900 people", "at most 1,001 people") in moved.changes
    assert Change("Cause", None, "認証の不備") in moved.changes
    assert moved.since == before.as_of
    assert with_changes(now, now).changes == ()


def test_a_draft_says_by_when_and_to_whom() -> None:
    document = drafted("ppc-final", DIARY, as_of="2026-06-28")
    assert line_of(document, "due") == "Final report: by Mon 24 August 2026"
    assert line_of(document, "recipient") == "Commissioner of the Financial Services Agency"


def test_each_sentence_names_what_it_rests_on() -> None:
    document = drafted("ppc-final", DIARY, as_of="2026-06-28")
    (people,) = (line for line in document.lines() if line.key == "people")
    (ground,) = people.grounds
    assert (ground.what, ground.where) == ("diary of facts line 5", "2026-06-28")
    (due,) = (line for line in document.lines() if line.key == "due")
    assert due.grounds[0].what.startswith("rule jp-appi-final, version ")
    (special,) = (line for line in document.lines() if line.key == "special-care")
    assert [each.what for each in special.grounds] == ["diary of facts line 5"]


def test_the_shipped_diary_makes_its_drafts() -> None:
    diary = load_diary(Path(__file__).parents[2] / "examples" / "pet-insurer" / "facts.yaml")
    document = drafted("ppc-final", diary, as_of="2026-06-15")
    assert line_of(document, "people") == "at least 5,038 people, at most 5,509 people"
    assert line_of(document, "due") == "Final report: by Mon 10 August 2026"
