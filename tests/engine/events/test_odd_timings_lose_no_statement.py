"""Statements of a hostile request that are not where statements usually are, amid a shop's honest traffic."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from ashiato.engine.store import Store
from tests.engine.events.scene import SECOND, START, LogBook, finished, join, request, started
from tests.engine.events.traffic import Shop, run_shop

pytestmark = pytest.mark.first_quick

_FOUND = """
    SELECT max(c.confidence), max(c.candidates), max(c.how)
    FROM causes c
    JOIN witnesses s ON s.event_id = c.sql_event_id AND s.role IN ('statement', 'duration')
    JOIN events x ON x.event_id = c.sql_event_id
    JOIN events q ON q.event_id = c.http_event_id
    WHERE x.query_text = ? AND q.src_endpoint_ip = '203.0.113.9'
"""
_AT = START + 60 * SECOND + 990_000
_POOL = {"database_user_name": "shop", "database_application": "shopweb"}


@dataclass(frozen=True)
class Found:
    """The surest hostile request of a statement; nothing where it has none."""

    confidence: float | None
    candidates: int | None
    how: str | None


def _found(store: Store, text: str) -> Found:
    return Found(*store.rows(_FOUND, [text])[0])


def _shop(*, timed: bool = False, pause_s: float = 0.5) -> Shop:
    shop = Shop(requests=600, pause_s=pause_s, step_us=SECOND, timed=timed, sessions=False, told="start")
    return run_shop(shop)


def _asks(book: LogBook, at_us: int, target: str, **said: object) -> None:
    """Write the hostile request's line, in whole seconds."""
    hostile = {"src_endpoint_ip": "203.0.113.9", "time_step_us": SECOND}
    book.tell("web-request", at_us - at_us % SECOND, **request(http_request_target=target, **hostile, **said))


@pytest.mark.slow
@pytest.mark.parametrize("lasting_s", [2, 8, 25])
@pytest.mark.parametrize("target", ["/report.php", "/items/4711"])
def test_a_reply_that_takes_long_keeps_its_statement(tmp_path: Path, lasting_s: int, target: str) -> None:
    shop = _shop()
    text = "SELECT name, iban FROM customers WHERE id > 4711"
    started(shop.database, _AT, text, database_session_uid="pool.9", **_POOL)
    _asks(shop.web, _AT + lasting_s * SECOND, target, http_request_method="POST")
    with join(tmp_path, [shop.web, shop.database]) as store:
        assert _found(store, text).confidence is not None


@pytest.mark.slow
@pytest.mark.parametrize("runs_s", [3, 40, 200])
def test_a_reply_given_up_keeps_its_statement(tmp_path: Path, runs_s: int) -> None:
    shop = _shop()
    text = "SELECT name, iban FROM customers ORDER BY random()"
    end_us = _AT + runs_s * SECOND
    finished(
        shop.database, end_us, text, lasting_us=runs_s * SECOND, database_session_uid="pool.9", **_POOL
    )  # fmt: skip
    _asks(shop.web, _AT + 2 * SECOND, "/report.php", http_response_code=499)
    with join(tmp_path, [shop.web, shop.database]) as store:
        assert _found(store, text).confidence is not None


@pytest.mark.slow
def test_statements_on_two_connections_are_one_requests(tmp_path: Path) -> None:
    shop = _shop()
    texts = ["SELECT count(*) FROM customers WHERE zip = 'Q7'", "SELECT name FROM customers WHERE zip = 'Q7'"]
    for place, text in enumerate(texts):
        started(shop.database, _AT, text, database_session_uid=f"pool.{place}", **_POOL)
    _asks(shop.web, _AT + 200_000, "/customers?zip=Q7")
    with join(tmp_path, [shop.web, shop.database]) as store:
        assert all((_found(store, text).confidence or 0) > 0.9 for text in texts)


@pytest.mark.slow
def test_the_same_question_in_one_second_stays_open(tmp_path: Path) -> None:
    shop = _shop()
    text = "SELECT name, iban FROM customers WHERE open"
    for place in range(5):
        started(shop.database, _AT + place, text, database_session_uid=f"pool.{place}", **_POOL)
        if place:
            said = request(http_request_target="/open", time_step_us=SECOND)
            shop.web.tell("web-request", _AT - _AT % SECOND, **said)
    _asks(shop.web, _AT, "/open")
    with join(tmp_path, [shop.web, shop.database]) as store:
        [(least, most, open_ones)] = store.rows(
            """
            SELECT min(c.confidence), max(c.confidence), count(*) FROM causes c
            JOIN events x ON x.event_id = c.sql_event_id AND x.query_text = ?
            JOIN events q ON q.event_id = c.http_event_id AND q.src_endpoint_ip = '203.0.113.9'
            """,
            [text],
        )
    assert open_ones == 5
    assert 0.1 < least <= most < 0.5


@pytest.mark.slow
def test_a_user_seldom_seen_is_the_applications_too(tmp_path: Path) -> None:
    shop = _shop(pause_s=0.8)
    text = "SELECT name FROM staff WHERE role = 'clerk'"
    for place in range(6):
        at_us = _AT + place * 7 * SECOND
        started(
            shop.database, at_us, text, database_session_uid="ro.1", database_user_name="reader",
            database_application="shopweb",
        )  # fmt: skip
        _asks(shop.web, at_us + 30_000, "/staff")
    with join(tmp_path, [shop.web, shop.database]) as store:
        assert (_found(store, text).confidence or 0) > 0.5


@pytest.mark.slow
def test_a_web_log_lost_for_most_days_loses_no_others(tmp_path: Path) -> None:
    shop = run_shop(Shop(requests=300, pause_s=30.0))
    kept = [record for record in shop.web.records if record["time_us"] > START + 7_000 * SECOND]
    web = LogBook("web/access.log", kept, shop.web.lines)
    lines = {record["line_first"] for record in kept}
    own = sum(asked in lines for asked in shop.truth.values())
    with join(tmp_path, [web, shop.database]) as store:
        [(found,)] = store.rows("SELECT count(DISTINCT sql_event_id) FROM causes")
    assert own > 30
    assert found >= own


@pytest.mark.slow
def test_statements_far_from_any_request_are_nobodys_first(tmp_path: Path) -> None:
    shop = _shop(pause_s=9.0)
    text = "SELECT due FROM premiums WHERE paid IS NULL"
    last_us = max(record["time_us"] for record in shop.web.records)
    started(shop.database, last_us + 4 * SECOND, text, database_session_uid="pool.9", **_POOL)
    with join(tmp_path, [shop.web, shop.database]) as store:
        rows = store.rows(
            """
            SELECT c.confidence, c.candidates, c.how FROM causes c
            JOIN events x ON x.event_id = c.sql_event_id AND x.query_text = ?
            """,
            [text],
        )
    assert rows
    assert all(p < 0.5 and candidates > 1 and how == "far-time" for p, candidates, how in rows)
