"""Who floods the guard drowns nobody's alarm; who knows the budgets gets what the guide says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guard.watched import Watched, catch_up

_WALKER = "203.0.113.7"


@pytest.mark.slow
def test_a_flood_of_strangers_hides_no_walker(tmp_path: Path) -> None:
    """Three thousand addresses and sessions, each of which asks for one record, around somebody who walks."""
    watched = Watched(tmp_path)
    with watched.guard() as guard:
        for number in range(3_000):
            address = f"198.18.{number >> 8}.{number & 255}"
            watched.ask(f"/owners/{number * 7 % 3_001}", address, f"s{number}")
            if not number % 100:
                watched.ask(f"/owners/{100_000 + number * 3}", _WALKER, "walker")
        catch_up(guard)
    assert {alarm.rule for alarm in watched.told} == {"people-budget/owner/session/minute"}
    assert {actor.value for alarm in watched.told for actor in alarm.actors} == {_WALKER, "walker"}


def _spread(watched: Watched, sessions: int, each: int) -> None:
    """Sessions from networks of their own that see so many people each, in turns, within the hour."""
    for turn in range(each):
        for number in range(sessions):
            watched.ask(f"/owners/{(turn * sessions + number) ** 2}", f"198.18.{number}.9", f"s{number}")
            watched.wait(3_000 / sessions / each)


@pytest.mark.slow
def test_who_stays_within_the_allowance_is_not_seen(tmp_path: Path) -> None:
    """What remains: four of an hour and session are nobody's business, however many sessions there are."""
    watched = Watched(tmp_path)
    with watched.guard():
        _spread(watched, 250, 4)
    assert watched.told == []


@pytest.mark.slow
def test_what_goes_beyond_the_allowance_adds_up_over_all_sessions(tmp_path: Path) -> None:
    """Twice as much from as many sessions is told of once two hundred beyond the allowances were seen."""
    watched = Watched(tmp_path)
    with watched.guard():
        _spread(watched, 250, 8)
    assert watched.told
    assert watched.told[0].rule == "people-budget/owner/everyone/hour"
    assert watched.told[0].people <= 205
    assert len([actor for actor in watched.told[0].actors if actor.kind == "session"]) >= 200
