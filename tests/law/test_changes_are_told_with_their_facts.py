"""What moves between two days: counts that pass a threshold, a fear confirmed, a situation later."""

from __future__ import annotations

from ashiato.law.api import Changes, Move, compare
from tests.law.diaries import assessed, diary_of

_QUIET = "law.JP: true, data.personal: true, leak: leak_possible, wrongful_purpose: false, licence: none"


def _moved(*entries: tuple[str, str], since: str, until: str) -> Changes:
    diary = diary_of(*entries)
    return compare(assessed(diary, since), assessed(diary, until))


def _moves(changes: Changes) -> dict[str, tuple[Move, ...]]:
    return {change.rule.id: change.moves for change in changes.duties}


def test_a_thousand_passed_brings_the_situation_and_its_reports() -> None:
    first = (
        "2026-06-25",
        f"{_QUIET}, data.special_care: false, data.property_damage: false, people: {{exact: 800}}",
    )
    changes = _moved(first, ("2026-06-29", "people: {exact: 1200}"), since="2026-06-26", until="2026-06-30")
    moves = _moves(changes)
    assert moves["jp-appi-7-4"] == (Move.NOW_APPLIES,)
    assert moves["jp-appi-final"] == (Move.NOW_APPLIES,)
    assert moves["jp-appi-voluntary-report"] == (Move.NO_LONGER,)
    (fact,) = changes.facts
    assert fact.name == "people"
    assert all("people" in [f.name for f in change.facts] for change in changes.duties)


def test_fear_that_is_confirmed_moves_no_duty() -> None:
    first = ("2026-06-25", f"{_QUIET}, data.special_care: true")
    changes = _moved(first, ("2026-07-13", "leak: leak_confirmed"), since="2026-07-01", until="2026-07-14")
    assert [fact.name for fact in changes.facts] == ["leak"]
    assert not changes.duties


def test_situation_three_later_opens_the_readings() -> None:
    first = ("2026-06-25", f"{_QUIET}, data.special_care: true, ransomware: false, p_mark: false")
    changes = _moved(first, ("2026-07-07", "wrongful_purpose: true"), since="2026-07-01", until="2026-07-08")
    moves = _moves(changes)
    assert moves["jp-appi-7-3"] == (Move.NOW_APPLIES,)
    assert moves["jp-appi-final"] == (Move.LENGTH_OPEN,)
    (final,) = [change for change in changes.duties if change.rule.id == "jp-appi-final"]
    assert final.after is not None
    assert [str(reading.due) for reading in final.after.readings] == [
        "2026-07-24",
        "2026-08-24",
        "2026-09-04",
    ]
    assert [reading.why for reading in final.after.readings] == [
        ("later-facts-change-nothing",),
        ("later-facts-lengthen",),
        ("later-facts-begin-anew",),
    ]


def test_a_report_sent_is_done_and_no_longer_open() -> None:
    first = ("2026-06-25", f"{_QUIET}, data.special_care: true")
    sent = ("2026-06-28", 'sent.preliminary: "2026-06-28T16:00:00+09:00"')
    changes = _moved(first, sent, since="2026-06-26", until="2026-06-29")
    assert _moves(changes) == {"jp-appi-preliminary": (Move.DONE,)}
    duty = changes.duties[0].after
    assert duty is not None
    assert not duty.is_open
    assert not duty.is_past(assessed(diary_of(first, sent), "2026-08-01").as_of)


def test_a_licence_found_out_moves_the_recipient() -> None:
    first = ("2026-06-25", f"{_QUIET}, data.special_care: true".replace("none", "unknown"))
    changes = _moved(first, ("2026-06-26", "licence: insurer"), since="2026-06-25", until="2026-06-27")
    assert Move.RECIPIENT_MOVED in _moves(changes)["jp-appi-final"]


def test_a_place_that_comes_in_later_brings_its_rules() -> None:
    first = ("2026-09-15", f"{_QUIET}, data.special_care: true")
    changes = _moved(
        first, ("2026-09-20", "residents.KR: {exact: 1500}"), since="2026-09-16", until="2026-09-21"
    )
    moves = _moves(changes)
    assert moves["kr-pipa-34-report"] == (Move.NOW_APPLIES,)
    assert all(rule.startswith("kr-") for rule in moves)


def test_the_same_day_twice_moves_nothing() -> None:
    changes = _moved(("2026-06-25", _QUIET), since="2026-06-26", until="2026-06-26")
    assert changes == Changes((), ())
