"""A diary that is wrong is refused as a whole, every fault with its line and what to write instead."""

from __future__ import annotations

import pytest

from ashiato.law.api import load_vocabulary, parse_diary
from ashiato.law.refusals import InvalidLawFileError
from ashiato.terms.errors import LawError
from tests.law.diaries import assessed

_HEAD = "zone: Asia/Tokyo\nentries:\n"


def _faults(body: str, head: str = _HEAD) -> list[tuple[int | None, str, str]]:
    with pytest.raises(InvalidLawFileError) as caught:
        parse_diary(head + body, "facts.yaml")
    assert caught.value.exit_code == 9
    return [(problem.line, problem.what, problem.fix) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("entry", "said", "remedy"),
    [
        ("{known: 2026-06-25, sets: {leek: leak_possible}}", "`leek` is no fact", "did you mean `leak`"),
        ("{known: 2026-06-25, sets: {leak: leaked}}", "no word of `leak`", "leak_confirmed"),
        ("{known: 2026-06-25, sets: {ransomware: 1}}", "stands where", "true, false"),
        ("{known: 2026-06-25, sets: {ransomware: yes}}", "`ransomware` is a flag", "true, false"),
        ("{known: 2026-06-25, sets: {people: true}}", "a count has a bound", "at_most"),
        ("{known: 2026-06-25, sets: {people: {exact: -1}}}", "minimum", "not negative"),
        (
            "{known: 2026-06-25, sets: {people: {at_least: 9, at_most: 3}}}",
            "at least 9 and at most 3",
            "correct",
        ),
        ("{known: 2026-06-25, sets: {people: {exact: 9, about: 3}}}", "exact and bounded", "keep one"),
        ("{known: 2026-06-25, sets: {people: {unit: people}}}", "has no number", "bound"),
        (
            "{known: 2026-06-25, sets: {people: {exact: 9, unit: records}}}",
            "never taken for them",
            "counts those",
        ),
        ("{known: 2026-06-25, sets: {residents.JAPAN: {exact: 9}}}", "no fact known here", "residents.*"),
        ("{known: 25 June, sets: {ransomware: true}}", "no time of knowing", "2026-06-25"),
        ("{known: 2026-06-25T06:30:00, sets: {ransomware: true}}", "no time of knowing", "offset"),
        ("{known: 2026-06-25, sets: {sent.final: soon}}", "no time", "2026-06-25"),
        ("{known: 2026-06-25, sets: {}}", "", ""),
        ("{sets: {ransomware: true}}", "`known` is missing", "known"),
        (
            "{known: 2026-06-25, party: police, sets: {ransomware: true}}",
            "is not whose knowledge",
            "contractor",
        ),
    ],
)
def test_a_fault_names_its_line_and_remedy(entry: str, said: str, remedy: str) -> None:
    faults = _faults(f"  - {{known: 2026-06-24, sets: {{law.JP: true}}}}\n  - {entry}\n")
    assert [line for line, _, _ in faults] == [4]
    assert said in faults[0][1]
    assert remedy in faults[0][2]


def test_contradictions_of_one_moment_name_both_lines() -> None:
    body = "".join(
        f"  - {{known: 2026-06-25, sets: {{leak: {w}}}}}\n" for w in ("excluded", "leak_confirmed")
    )
    ((line, what, _),) = _faults(body)
    assert line == 4
    assert "line 3" in what


def test_what_others_say_at_that_moment_is_no_contradiction() -> None:
    diary = parse_diary(
        _HEAD + "  - {known: 2026-06-25, sets: {leak: excluded}}\n"
        "  - {known: 2026-06-25, party: contractor, sets: {leak: leak_confirmed}}\n"
    )
    assert len(diary.entries) == 2


def test_knowing_before_the_event_began_is_refused() -> None:
    body = (
        "  - {known: 2026-06-09, sets: {leak: leak_possible}}\n"
        "  - {known: 2026-06-25, sets: {event.began: 2026-06-10}}\n"
    )
    ((line, what, _),) = _faults(body)
    assert line == 3
    assert "before the event began" in what


def test_the_event_may_begin_on_the_day_it_was_known() -> None:
    diary = parse_diary(_HEAD + '  - {known: 2026-06-25, sets: {event.began: "2026-06-25T03:00:00+09:00"}}\n')
    assert len(diary.entries) == 1


def test_all_faults_of_a_file_are_listed_in_its_order() -> None:
    faults = _faults("  - {known: x, sets: {leek: true}}\n  - {known: 2026-06-25, sets: {leak: q}}\n")
    assert [line for line, _, _ in faults] == [3, 3, 4]


@pytest.mark.parametrize(
    "content", ["", "zone: Asia/Tokyo", "[]", "zone: Mars/Olympus\nentries: []", "a: &b 1"]
)
def test_files_that_are_no_diary_are_refused(content: str) -> None:
    with pytest.raises(LawError):
        parse_diary(content)


def test_facts_that_cannot_be_true_together_are_flagged_and_kept() -> None:
    diary = parse_diary(
        _HEAD + "  - {known: 2026-06-25, sets: {law.JP: true, data.personal: true, leak: excluded, "
        "sign.data_stolen: true, unauthorised_access: true, event.began: 2026-06-20, "
        "event.ended: 2026-06-10}}\n"
    )
    found = assessed(diary, "2026-06-26")
    codes = {contradiction.code for contradiction in found.contradictions}
    assert codes == {"excluded-with-signs", "ended-before-it-began"}
    situation = found.duty("jp-appi-7-3")
    assert situation is not None
    assert situation.binds


def test_every_contradiction_of_the_vocabulary_can_be_read() -> None:
    assert len(load_vocabulary().contradictions) >= 6
    assert not assessed(
        parse_diary(_HEAD + "  - {known: 2026-06-25, sets: {law.JP: true}}\n"), "2026-06-26"
    ).contradictions


def test_places_without_rules_and_places_open_are_listed() -> None:
    diary = parse_diary(
        _HEAD + "  - {known: 2026-06-25, sets: {law.JP: true, residents.BR: {at_least: 1}, "
        "residents.AU: {exact: 0}, "
        "residents.KR: {exact: 0}, law.KR: false, residents.US-TX: {exact: 3}}}\n"
    )
    found = assessed(diary, "2026-06-26")
    assert found.places_without_rules == ("BR",)
    assert [place.code for place in found.places_open] == ["CN", "EU", "HK", "SG", "TW"]


def test_what_a_contractor_knew_starts_no_clock_of_ours() -> None:
    facts = "law.JP: true, leak: leak_confirmed, data.personal: true, unauthorised_access: true"
    diary = parse_diary(
        _HEAD + f"  - {{known: 2026-06-01, party: contractor, by: Scala, sets: {{{facts}}}}}\n"
        f"  - {{known: 2026-06-25, sets: {{{facts}}}}}\n"
    )
    before, after = assessed(diary, "2026-06-20"), assessed(diary, "2026-06-25")
    assert not before.duties
    assert [entry.by for entry in before.known_elsewhere] == ["Scala"]
    final = after.duty("jp-appi-final")
    assert final is not None
    assert str(final.due) == "2026-08-24"
    assert not after.known_elsewhere
