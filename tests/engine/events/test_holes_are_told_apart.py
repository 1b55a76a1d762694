"""Holes are found where evidence is missing, and quiet nights are none."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ashiato.engine.log_names import rotation_of, source_of
from tests.engine.events.scene import SECOND, START, LogBook, executed, join, request
from tests.engine.events.traffic import Shop, run_shop

pytestmark = pytest.mark.first_quick

HOUR = 3600 * SECOND
DAY = 24 * HOUR


def _holes(folder: Path, *books: LogBook) -> list[tuple[str, str, int, int, dict[str, Any]]]:
    with join(folder, books) as store:
        rows = store.rows("SELECT source, reason, start_us, end_us, params FROM holes")
    return [(source, reason, first, last, json.loads(params)) for source, reason, first, last, params in rows]


def _days(days: int, pause_s: Callable[[float], float], *, without: tuple[int, int] = (0, 0)) -> LogBook:
    """A log of so many days; ``pause_s`` gives the mean pause at an hour of the day."""
    dice, book, moment = np.random.default_rng(5), LogBook("web/access.log"), START - START % DAY
    last = moment + days * DAY
    while moment < last:
        moment += int(dice.exponential(pause_s(moment % DAY / HOUR)) * SECOND)
        if not without[0] <= moment - (START - START % DAY) < without[1]:
            book.tell("web-request", moment, **request())
    return book


def _busy_days(hour: float) -> float:
    return 40 if 8 <= hour < 22 else 1500


@pytest.mark.parametrize("days", [1, 2, 3, 7])
def test_quiet_nights_are_no_holes(tmp_path: Path, days: int) -> None:
    assert _holes(tmp_path, _days(days, _busy_days)) == []


def test_nights_without_any_record_are_no_holes(tmp_path: Path) -> None:
    book = _days(5, lambda _: 60)
    book.records = [record for record in book.records if 8 <= record["time_us"] % DAY / HOUR < 18]
    assert _holes(tmp_path, book) == []


def test_a_silent_afternoon_is_a_hole(tmp_path: Path) -> None:
    book = _days(3, _busy_days, without=(DAY + 13 * HOUR, DAY + 17 * HOUR))
    [(source, reason, first, last, params)] = _holes(tmp_path, book)
    assert (source, reason) == ("web/access.log", "silence")
    assert abs(last - first - 4 * HOUR) < HOUR // 4
    assert params["expected_records"] > 200


def test_a_heartbeat_that_stops_for_minutes_is_a_hole(tmp_path: Path) -> None:
    book = LogBook("web/access.log")
    for place in range(2000):
        if not 900 <= place < 920:
            book.tell("web-request", START + place * 30 * SECOND, **request(http_request_target="/health"))
    assert [hole[1] for hole in _holes(tmp_path, book)] == ["silence"]


def test_a_missing_rotated_file_is_a_hole(tmp_path: Path) -> None:
    books = [LogBook("web/access.log"), LogBook("web/access.log.1"), LogBook("web/access.log.4.gz")]
    for age, book in zip((0, 1, 4), books, strict=True):
        for place in range(5):
            book.tell("web-request", START - age * DAY + place * HOUR, **request())
    found = [hole for hole in _holes(tmp_path, *books) if hole[1] == "rotation-missing"]
    start, end = START - 4 * DAY + 4 * HOUR, START - DAY
    assert found == [
        ("web/access.log", "rotation-missing", start, end, {"first_missing": 2, "last_missing": 3})
    ]


def test_missing_lines_of_a_session_are_a_hole(tmp_path: Path) -> None:
    book = LogBook("db/postgresql.csv")
    for place, line in enumerate([1, 2, 3, 7, 8]):
        book.tell(
            "sql-statement", START + place * SECOND, query_text="SELECT 1", database_session_uid="a.1",
            database_session_line=line, source_format="postgresql-csvlog",
        )  # fmt: skip
    assert _holes(tmp_path, book) == [
        ("db/postgresql.csv", "session-lines-missing", START + 2 * SECOND, START + 3 * SECOND,
         {"lines": 3, "sessions": 1})
    ]  # fmt: skip


def test_time_that_goes_back_for_good_is_a_hole(tmp_path: Path) -> None:
    book = LogBook("web/access.log")
    for place in range(20):
        back = HOUR if place >= 10 else 0
        book.tell("web-request", START + place * SECOND - back, **request())
    [(_, reason, _, _, params)] = _holes(tmp_path, book)
    assert reason == "time-backwards"
    assert params == {"back_us": HOUR - SECOND, "line": 11}


def test_one_late_line_is_no_clock_jump(tmp_path: Path) -> None:
    book = LogBook("web/access.log")
    for place in range(20):
        late = 5 * 60 * SECOND if place == 10 else 0
        book.tell("web-request", START + place * SECOND - late, **request())
    assert _holes(tmp_path, book) == []


def test_a_file_that_breaks_off_is_a_hole(tmp_path: Path) -> None:
    book = LogBook("web/access.log.1.gz", cut_off=True)
    book.tell("web-request", START, **request())
    assert _holes(tmp_path, book) == [("web/access.log", "cut-off", START, START, {"line": 1})]


@pytest.mark.slow
def test_a_database_log_that_ends_early_is_a_hole(tmp_path: Path) -> None:
    shop = run_shop(Shop(requests=400, pause_s=60.0))
    keep = [one for one in shop.database.records if one["time_us"] < START + 3 * HOUR]
    found = _holes(tmp_path, shop.web, LogBook("db/postgresql.csv", keep, shop.database.lines))
    assert [(source, reason) for source, reason, *_ in found] == [("db/postgresql.csv", "ends-early")]


@pytest.mark.slow
def test_a_clock_that_differs_is_told_once(tmp_path: Path) -> None:
    shop = run_shop(Shop(requests=200, skew_us=-7200 * SECOND))
    [(source, reason, _, _, params)] = _holes(tmp_path, shop.web, shop.database)
    assert (source, reason, params["against"]) == ("web/access.log", "clock-skew", "db/postgresql.csv")
    assert abs(params["skew_us"] + 7200 * SECOND) < 10_000


def _shop_without(first_s: int, last_s: int) -> tuple[LogBook, LogBook]:
    """A shop's two logs, the web log without the requests of these seconds."""
    shop = run_shop(Shop(requests=900, pause_s=2.0))
    lost = range(START + first_s * SECOND, START + last_s * SECOND)
    kept = [record for record in shop.web.records if record["time_us"] not in lost]
    return LogBook("web/access.log", kept, shop.web.lines), shop.database


@pytest.mark.slow
def test_statements_without_any_request_are_a_hole_of_the_web_log(tmp_path: Path) -> None:
    web, database = _shop_without(600, 900)
    holes = [hole for hole in _holes(tmp_path, web, database) if hole[1] == "requests-missing"]
    [(source, _, start_us, end_us, params)] = holes
    assert source == "web/access.log"
    kept = [record["time_us"] for record in web.records]
    assert start_us == max(at for at in kept if at < START + 600 * SECOND)
    assert end_us == min(at for at in kept if at >= START + 900 * SECOND)
    assert params["statements_in"] == "db/postgresql.csv"
    assert params["statements"] > 100


@pytest.mark.slow
def test_a_whole_web_log_has_no_such_hole(tmp_path: Path) -> None:
    assert "requests-missing" not in {reason for _, reason, *_ in _holes(tmp_path, *_shop_without(0, 0))}


def _shop_that_runs(moments: Sequence[int], stems: int) -> tuple[LogBook, LogBook]:
    """A shop's two logs, its database running so many stems from each moment on, for as many minutes."""
    shop = run_shop(Shop(requests=300, pause_s=2.0))
    for moment in moments:
        for number in range(2 * stems):
            text = f"SELECT a FROM t{number % stems} WHERE n = {number}"
            executed(
                shop.database,
                moment + number * 30 * SECOND,
                text,
                lasting_us=2000,
                database_user_name="shop",
                database_application="shopweb",
                time_step_us=1000,
            )
    return shop.web, shop.database


@pytest.mark.slow
def test_statements_of_their_own_beyond_the_last_request_are_a_hole(tmp_path: Path) -> None:
    web, database = _shop_that_runs([START + 1000 * SECOND], stems=3)
    holes = [hole for hole in _holes(tmp_path, web, database) if hole[1] == "requests-missing"]
    [(source, _, start_us, end_us, _)] = holes
    assert source == "web/access.log"
    assert start_us == max(record["time_us"] for record in web.records)
    assert end_us >= START + 1150 * SECOND


@pytest.mark.slow
@pytest.mark.parametrize(("moments", "stems"), [([-400, 1000], 3), ([1000], 1)], ids=["again", "one-thing"])
def test_a_job_without_requests_makes_no_hole(tmp_path: Path, moments: list[int], stems: int) -> None:
    logs = _shop_that_runs([START + second * SECOND for second in moments], stems)
    assert "requests-missing" not in {reason for _, reason, *_ in _holes(tmp_path, *logs)}


@pytest.mark.parametrize(
    ("file", "source", "rotation"),
    [
        ("nginx/access.log", "nginx/access.log", None),
        ("nginx/access.log.12.gz", "nginx/access.log", 12),
        ("nginx/access.log-20260608.gz", "nginx/access.log", None),
        ("pg/postgresql-2026-06-08.csv.gz", "pg/postgresql.csv", None),
        ("pg/postgresql-2026-06-08_000000.log", "pg/postgresql.log", None),
        ("pg/postgresql-Mon.log", "pg/postgresql.log", None),
        ("iis/u_ex260608.log", "iis/u_ex.log", None),
        ("web2/access.log.1", "web2/access.log", 1),
        ("20260608", "20260608", None),
    ],
)
def test_rotated_pieces_belong_to_one_log(file: str, source: str, rotation: int | None) -> None:
    assert (source_of(file), rotation_of(file)) == (source, rotation)
