"""Times that cannot be are not believed, silence is told, and what is usual is learned from enough."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ashiato.guard.learning import Learned
from ashiato.guard.settings import Spender, Window
from ashiato.guard.state import State
from ashiato.terms.alarms import AlarmCode
from tests.guard.watched import BEGIN, Watched, catch_up


@pytest.mark.parametrize("years", ["1999", "2099"])
def test_a_time_that_cannot_be_is_the_time_of_arrival(tmp_path: Path, years: str) -> None:
    """Lines dated into another year fill no other window: they count as of now, and this is said."""
    watched = Watched(tmp_path)
    with watched.guard() as guard:
        for number in range(20):
            forged = watched.now.isoformat().replace("2026", years)
            watched.ask(f"/owners/{number * number}", "203.0.113.7", "s", time=forged)
        catch_up(guard)
        (seen,) = guard.seen().values()
        assert seen.odd_times == 20
    assert [alarm.rule for alarm in watched.told] == ["people-budget/owner/session/minute"]
    assert watched.told[0].last_us == watched.clock()


@pytest.mark.parametrize("begin", [BEGIN, datetime(2026, 12, 31, 14, 59, tzinfo=UTC)])
def test_a_time_without_its_year_is_the_last_one(tmp_path: Path, begin: datetime) -> None:
    """As rsyslog writes it around a web server's lines, in the data map's zone; over New Year too."""
    watched = Watched(tmp_path)
    watched.now = begin
    with watched.guard() as guard:
        for number in range(14):
            at = watched.now.astimezone(ZoneInfo("Asia/Tokyo"))
            said = f'"GET /owners/{number * number} HTTP/1.1" 200 300 "-" "Mozilla/5.0"'
            line = f"203.0.113.7 - aoi [{at:%d/%b/%Y:%H:%M:%S %z}] {said}"
            with watched.log.open("a", encoding="utf-8") as stream:
                stream.write(f"{at:%b} {at.day:2d} {at:%H:%M:%S} web1 nginx: {line}\n")
            catch_up(guard)
            watched.wait(4)
        (seen,) = guard.seen().values()
        assert (seen.odd_times, seen.unread, seen.records) == (0, 0, 14)
    assert [alarm.rule for alarm in watched.told] == ["people-budget/owner/session/minute"]


def test_a_log_that_falls_silent_is_told_once(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    with watched.guard() as guard:
        watched.ask("/shops?q=1", "203.0.113.7")
        catch_up(guard)
        watched.wait(3601)
        guard.step()
        guard.step()
    with watched.guard():
        pass
    (alarm,) = watched.told
    assert (alarm.code, alarm.window_s, alarm.lines) == (AlarmCode.SOURCE_SILENT, 3600, (f"{watched.log}:1",))


def test_a_minute_slides_with_the_lines(tmp_path: Path) -> None:
    """Ten in any minute are allowed, and eleven are not, wherever the minute begins."""
    watched = Watched(tmp_path)
    with watched.guard():
        for number in range(14):
            watched.ask(f"/owners/{number * number}", "203.0.113.7", "s")
            watched.wait(6.5)
        assert watched.told == []
        watched.wait(3600)
        for number in range(11):
            watched.ask(f"/owners/{1000 + number * number}", "203.0.113.7", "s")
            watched.wait(5.9)
    assert [alarm.people for alarm in watched.told] == [11]


def test_peaks_are_kept_day_by_day(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    with watched.guard() as guard:
        for day in range(3):
            for number in range(4 + day):
                watched.ask(f"/owners/{number * number}", "203.0.113.7", "s")
            catch_up(guard)
            watched.wait(86_400)
    with State(tmp_path) as state:
        kept = {(row[3], row[4]) for row in state.peaks() if row[:3] == ("owner", "session", "hour")}
    first = watched.clock() // 86_400_000_000 - 3
    assert kept == {(first, 4), (first + 1, 5)}, "the third day has not ended"


def test_what_is_usual_is_learned_from_enough_alone() -> None:
    few = [("staff", "session", "hour", day, 40, 6) for day in range(3)]
    enough = [("staff", "session", "hour", day, 40 + day, 100) for day in range(3)]
    assert Learned(few).limit_of("staff", Spender.SESSION, Window.HOUR) == 0
    assert Learned(enough).limit_of("staff", Spender.SESSION, Window.HOUR) == 84
    one = [*enough, ("staff", "session", "hour", 2, 5000, 1)]
    assert Learned(one).limit_of("staff", Spender.SESSION, Window.HOUR) == 84, "one of hundreds is not usual"
