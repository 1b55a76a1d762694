"""Public cases day by day: what was known on each day, and the duties and clocks of that day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ashiato.law.api import Answer, Assessment, Diary, Duty, Move, Reliance, compare, load_diary
from tests.law.diaries import assessed

DIARIES = Path(__file__).with_name("diaries")


def _diary(name: str) -> Diary:
    return load_diary(DIARIES / f"{name}.yaml")


def _duty(assessment: Assessment, rule: str) -> Duty:
    duty = assessment.duty(rule)
    assert duty is not None, rule
    return duty


def _ends(assessment: Assessment) -> dict[str, date | None]:
    return {duty.rule.id: duty.due for duty in assessment.binding if duty.due}


def test_the_portal_of_an_insurer_on_the_day_it_was_noticed() -> None:
    day = assessed(_diary("portal-of-an-insurer-2026"), "2026-06-25")
    assert _ends(day) == {
        "jp-appi-preliminary": date(2026, 6, 29),
        "jp-insurance-report": date(2026, 6, 29),
        "jp-appi-final": date(2026, 8, 24),
    }
    assert [r.code for r in _duty(day, "jp-appi-preliminary").recipients] == ["fsa"]
    assert [duty.rule.id for duty in day.situations] == ["jp-appi-7-3", "jp-appi-reportable"]
    remarks = {remark.code for remark in _duty(day, "jp-appi-reportable").remarks}
    assert "no-sign-of-the-guideline" in remarks
    assert {"both-legal-bases"} <= {remark.code for remark in _duty(day, "jp-insurance-report").remarks}


def test_the_portal_of_an_insurer_when_the_count_was_known() -> None:
    diary = _diary("portal-of-an-insurer-2026")
    before, after = assessed(diary, "2026-06-30"), assessed(diary, "2026-07-13")
    assert _duty(before, "jp-appi-7-4").answer is Answer.NOT_KNOWN
    moved = {change.rule.id: change.moves for change in compare(before, after).duties}
    assert moved["jp-appi-7-4"] == (Move.NOW_APPLIES,)
    assert "jp-appi-final" not in moved
    assert _ends(after)["jp-appi-final"] == date(2026, 8, 24)
    assert _duty(after, "jp-appi-preliminary").is_past(after.as_of)


def test_the_portal_of_an_insurer_when_its_beginning_was_corrected() -> None:
    diary = _diary("portal-of-an-insurer-2026")
    final = assessed(diary, "2026-07-31")
    changed = compare(assessed(diary, "2026-07-30"), final)
    assert {fact.name for fact in changed.facts} == {"event.began", "event.ended", "data.my_number"}
    assert {change.moves for change in changed.duties} == {(Move.RULED_OUT,)}
    assert _ends(final)["jp-appi-final"] == date(2026, 8, 24)


def test_the_agency_group_was_due_before_its_second_notice() -> None:
    diary = _diary("agency-group-2025")
    first, second = assessed(diary, "2025-02-16"), assessed(diary, "2025-04-30")
    assert _ends(first)["jp-appi-final"] == date(2025, 4, 16)
    assert _ends(first)["jp-appi-tell-clients"] == date(2025, 2, 20)
    assert _duty(second, "jp-appi-final").is_past(second.as_of)
    assert [r.code for r in _duty(first, "jp-appi-final").recipients] == ["local-finance-bureau"]
    assert _duty(first, "jp-appi-7-4").answer is Answer.NOT_KNOWN
    assert _duty(second, "jp-appi-7-4").binds
    assert _duty(first, "jp-agency-report").reliance is Reliance.DISABLED
    assert _duty(first, "jp-ransomware-form").reliance is Reliance.NOT_IN_FORCE


def test_no_trace_of_an_outflow_does_not_undo_the_encryption() -> None:
    last = assessed(_diary("agency-group-2025"), "2025-08-29")
    situation = _duty(last, "jp-appi-7-3")
    assert situation.binds
    assert "kept-elsewhere" in {found.exemption.code for found in situation.exempt_if}


def test_a_client_whose_day_of_knowing_is_not_known_gets_no_date() -> None:
    seen = assessed(_diary("client-of-that-group-2025"), "2025-04-30")
    for rule in ("jp-appi-preliminary", "jp-appi-final", "jp-insurance-report"):
        duty = _duty(seen, rule)
        assert duty.answer is Answer.APPLIES
        assert duty.reliance is Reliance.DATE_UNKNOWN
        assert (duty.due, duty.start_missing) == (None, "known")
    codes = {remark.code for remark in _duty(seen, "jp-appi-preliminary").remarks}
    assert {"client-knows", "contractor-and-client"} <= codes


@pytest.mark.parametrize("day", ["2025-07-25", "2025-10-16"])
def test_the_pet_insurer_is_told_which_day_is_missing(day: str) -> None:
    seen = assessed(_diary("pet-insurer-2025"), day)
    final = _duty(seen, "jp-appi-final")
    assert final.binds
    assert (final.answer, final.due, final.start_missing) == (Answer.APPLIES, None, "known")
    counted = _duty(seen, "jp-appi-7-4")
    assert counted.answer is (Answer.APPLIES if day == "2025-10-16" else Answer.NOT_KNOWN)


def test_the_pet_insurer_counts_by_its_largest_possible_number() -> None:
    counted = _duty(assessed(_diary("pet-insurer-2025"), "2025-10-16"), "jp-appi-7-4")
    assert str(counted.since) == "2025-10-16"
    (people,) = [fact for fact in counted.because if fact.name == "people"]
    assert people.value == assessed(_diary("pet-insurer-2025"), "2025-10-16").facts["people"].value


def test_the_non_life_insurer_on_each_of_its_days() -> None:
    diary = _diary("non-life-insurer-2025")
    first, second = assessed(diary, "2025-04-21"), assessed(diary, "2025-06-11")
    assert _ends(first) == {
        "jp-appi-preliminary": date(2025, 4, 25),
        "jp-insurance-report": date(2025, 4, 25),
        "jp-appi-final": date(2025, 6, 19),
    }
    assert _duty(first, "jp-my-number").answer is Answer.NOT_KNOWN
    assert _duty(second, "jp-my-number").answer is Answer.DOES_NOT
    assert not _duty(second, "jp-appi-final").is_past(second.as_of)
    assert _duty(second, "jp-appi-7-4").binds
