"""Public cases day by day: the announcement and the report that could have been drafted on each day."""

from __future__ import annotations

from pathlib import Path

from ashiato.exports.words import Language
from ashiato.law.api import Diary, load_diary
from ashiato.letters.changes import with_changes
from ashiato.letters.document import Change
from tests.letters.matters import drafted, line_of, text_of

DIARIES = Path(__file__).with_name("diaries")


def _diary(name: str) -> Diary:
    return load_diary(DIARIES / f"{name}.yaml")


def test_the_portal_of_an_insurer_is_doubtful_then_certain() -> None:
    diary = _diary("portal-of-an-insurer-2026")
    first = drafted("announcement-1", diary, as_of="2026-06-30")
    assert "may have been leaked" in (line_of(first, "public-what") or "")
    assert line_of(first, "public-number") is None
    second = drafted("announcement-1", diary, as_of="2026-07-13")
    assert "we confirmed" in (line_of(second, "public-what") or "")
    assert "about 4,400,000 people" in (line_of(second, "public-number") or "")


def test_the_portal_of_an_insurer_shows_its_corrected_beginning() -> None:
    diary = _diary("portal-of-an-insurer-2026")
    before, after = (drafted("ppc-final", diary, as_of=day) for day in ("2026-07-13", "2026-07-31"))
    assert (
        Change(
            "Day it happened",
            "from 15 June 2026 (its end is being looked into)",
            "10 June 2026 to 25 June 2026",
        )
        in with_changes(after, before).changes
    )
    assert line_of(after, "due") == "Final report: by Mon 24 August 2026"


def test_the_agency_group_never_says_that_data_was_leaked() -> None:
    diary = _diary("agency-group-2025")
    for day in ("2025-02-25", "2025-04-30", "2025-08-29"):
        said = text_of(drafted("announcement-final", diary, as_of=day, language=Language.JA))
        assert "暗号化されました" in said
        assert "漏えいしたことを確認" not in said
    told = drafted("client-notice", diary, as_of="2025-02-17")
    assert line_of(told, "recipient") == "every client that has the duty to report"
    assert (line_of(told, "people"), line_of(told, "cause")) == (None, None)


def test_the_client_of_the_group_was_told_on_no_known_day() -> None:
    document = drafted("ppc-preliminary", _diary("client-of-that-group-2025"), as_of="2025-05-01")
    assert line_of(document, "found") is None
    assert line_of(document, "due") is None
    assert line_of(document, "part") == "It happened at a contractor of ours."


def test_the_pet_insurer_leaves_its_day_of_knowing_blank() -> None:
    """It became known on a day that is not public; the day of the count is another one."""
    document = drafted("announcement-2", _diary("pet-insurer-2025"), as_of="2025-10-16")
    assert line_of(document, "public-found") is None
    assert "at most 553,000 people" in (line_of(document, "public-number") or "")


def test_the_non_life_insurer_counts_people_apart_from_records() -> None:
    document = drafted("ppc-final", _diary("non-life-insurer-2025"), as_of="2025-06-11")
    assert line_of(document, "people") == "at most 17,480,000 people"
    assert line_of(document, "due") == "Final report: by Thu 19 June 2025"
