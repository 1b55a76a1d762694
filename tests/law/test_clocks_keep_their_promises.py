"""Properties of clocks and answers over any facts, and the calendar against a list made by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.law.api import (
    Answer,
    Clock,
    ClockUnit,
    DayOne,
    Duty,
    Move,
    Number,
    Reading,
    RollOver,
    compare,
    load_rulebook,
    load_vocabulary,
    parse_diary,
)
from ashiato.law.calendars import is_working_day
from ashiato.law.clocks import Length, Start, read_clock
from ashiato.law.refusals import InvalidLawFileError
from ashiato.law.values import Moment
from ashiato.terms.counts import Unit
from tests.law.diaries import TOKYO, assessed
from tests.law.hand_holidays import is_working_day_by_hand, last_day_by_hand

_FIRST, _LAST = datetime.fromisoformat("2025-01-01"), datetime.fromisoformat("2027-01-01")
_DAYS = st.dates(date(2025, 1, 1), date(2027, 10, 1))
_FINAL = Clock("knowing", ClockUnit.DAYS, 30, None, DayOne.START_DAY, RollOver.NEXT_WORKING_DAY)


def _due(known: date, length: int) -> date:
    start = Start(Moment.of(known.isoformat(), TOKYO))
    (reading,) = read_clock(_FINAL, [(start, Length(length))], TOKYO, "JP")
    assert reading.due is not None
    return reading.due


def test_each_day_of_three_years_is_as_the_list_by_hand_says() -> None:
    first = date(2025, 1, 1)
    days = [first + timedelta(days=number) for number in range(365 * 3)]
    assert [d for d in days if is_working_day(d, "JP") != is_working_day_by_hand(d)] == []


@settings(max_examples=60, deadline=None)
@given(_DAYS, st.sampled_from([30, 60]))
def test_a_due_day_is_the_day_counted_by_hand(known: date, length: int) -> None:
    due = _due(known, length)
    assert due == last_day_by_hand(known, length)
    assert is_working_day_by_hand(due)
    assert due >= known + timedelta(days=length - 1)


@settings(max_examples=40, deadline=None)
@given(_DAYS, st.integers(0, 40), st.sampled_from([30, 60]))
def test_who_knows_later_is_never_due_earlier(known: date, later: int, length: int) -> None:
    assert _due(known + timedelta(days=later), length) >= _due(known, length)


@settings(max_examples=40, deadline=None)
@given(st.datetimes(_FIRST, _LAST), st.sampled_from([1, 4, 72]))
def test_hours_are_hours_wherever_they_are_told(naive: datetime, hours: int) -> None:
    moment = naive.replace(tzinfo=TOKYO)
    clock = Clock("knowing", ClockUnit.HOURS, hours)
    zone = load_rulebook().places["EU"].zone
    (reading,) = read_clock(clock, [(Start(Moment(moment)), Length(hours))], zone, None)
    assert reading.due_at is not None
    assert reading.due_at.timestamp() - moment.timestamp() == hours * 3600


_FLAGS = [name for name, fact in load_vocabulary().facts.items() if fact.kind == "flag" and "*" not in name]
_LEAK = load_vocabulary().facts["leak"].words
_FACTS = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.sampled_from(["true", "false"]) for name in _FLAGS},
        "leak": st.sampled_from(_LEAK),
        "licence": st.sampled_from(["insurer", "insurance_agency", "none"]),
        "role": st.sampled_from(["own", "client", "contractor"]),
        "people": st.sampled_from(
            ["{exact: 1000}", "{exact: 1001}", "{at_most: 900}", "{about: 1500}", "{at_least: 3}"]
        ),
        "residents.KR": st.sampled_from(["{exact: 0}", "{at_least: 1000}", "{at_most: 5}"]),
    },
)


def _entry(known: str, facts: dict[str, str]) -> str:
    sets = ", ".join(f"{name}: {value}" for name, value in sorted(facts.items()))
    return f"  - {{known: {known}, sets: {{law.JP: true, law.EU: true, {sets}}}}}\n"


@settings(max_examples=10, deadline=None)
@given(_FACTS, _FACTS)
def test_new_facts_never_drop_a_certain_duty_in_silence(
    first: dict[str, str], second: dict[str, str]
) -> None:
    diary = parse_diary(
        f"zone: Asia/Tokyo\nentries:\n{_entry('2026-06-25', first)}{_entry('2026-07-03', second)}"
    )
    before, after = assessed(diary, "2026-06-25"), assessed(diary, "2026-07-03")
    listed = {change.rule.id: change for change in compare(before, after).duties}
    for duty in before.duties:
        now = after.duty(duty.rule.id)
        if duty.answer is Answer.APPLIES and (now is None or now.answer is not Answer.APPLIES):
            change = listed[duty.rule.id]
            assert {Move.NO_LONGER, Move.NOW_OPEN} & set(change.moves)
            assert change.facts, duty.rule.id


@settings(max_examples=10, deadline=None)
@given(_FACTS, _FACTS)
def test_only_exemptions_end_a_duty_when_nothing_is_taken_back(
    first: dict[str, str], more: dict[str, str]
) -> None:
    """Facts that are only added leave every certain situation standing, or an exemption is shown."""
    new = {name: value for name, value in more.items() if name not in first and name != "people"}
    diary = parse_diary(
        f"zone: Asia/Tokyo\nentries:\n{_entry('2026-06-25', first)}{_entry('2026-07-03', new)}"
    )
    before, after = assessed(diary, "2026-06-25"), assessed(diary, "2026-07-03")
    for duty in before.situations:
        now = after.duty(duty.rule.id)
        assert now is not None
        if now.answer is not Answer.APPLIES and duty.rule.exemptions:
            assert now.exempted_by is not None, duty.rule.id


@settings(max_examples=10, deadline=None)
@given(_FACTS)
def test_an_answer_is_whole_and_the_same_again(facts: dict[str, str]) -> None:
    diary = parse_diary(f"zone: Asia/Tokyo\nentries:\n{_entry('2026-06-25', facts)}")
    first, second = assessed(diary, "2026-07-03"), assessed(diary, "2026-07-03")
    assert first == second
    for duty in first.duties:
        assert (duty.answer is not Answer.NOT_KNOWN) or duty.missing, duty.rule.id
        assert duty.readings == tuple(sorted(duty.readings, key=_end))
        assert _has_end_or_reason(duty), duty.rule.id


def _end(reading: Reading) -> tuple[float, date]:
    return (reading.due_at.timestamp() if reading.due_at else 0.0, reading.due or date.max)


def _has_end_or_reason(duty: Duty) -> bool:
    if not duty.binds or duty.rule.clock is None:
        return True
    return bool(duty.readings) or duty.start_missing is not None


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 5000))
def test_a_number_is_decided_by_its_bounds_alone(low: int, span: int, threshold: int) -> None:
    number = Number(Unit.PEOPLE, low, low + span)
    truths = {value >= threshold for value in (low, low + span)}
    assert number.is_at_least(threshold) is (truths.pop() if len(truths) == 1 else None)
    assert number.may_reach(threshold) is (low + span >= threshold)


@pytest.mark.parametrize("unit", ["records", "cumulative", "accounts"])
def test_no_count_of_another_unit_is_taken_for_people(unit: str) -> None:
    with pytest.raises(InvalidLawFileError, match="never taken for them"):
        parse_diary(
            f"zone: UTC\nentries:\n  - {{known: 2026-06-25, sets: {{people: {{exact: 5, unit: {unit}}}}}}}\n"
        )
