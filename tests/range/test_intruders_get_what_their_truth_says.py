"""Honest people see their own, intruders get what their truth file says: by the database and the log."""

from __future__ import annotations

import json
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ashiato.datamap.check import check_datamap
from range.client import Client
from range.honest.hours import Hours
from range.honest.retiming import write_retimed
from range.honest.traffic import Traffic
from range.intruders.attack import Attack
from range.intruders.catalogue import INTRUDERS
from range.place import Place, find_place
from range.servers.filling import owner_of
from range.truth import people_by_time, read, written
from tests.journeys.databases import find_program
from tests.range.conftest import PEOPLE

pytestmark = pytest.mark.slow


def _play(place: Place, name: str, **orders: Any) -> Path:
    """Let an intruder loose; returns its truth file."""
    path = place.folder / "truth" / f"{place.site.name}-{name}-{time.monotonic_ns()}.jsonl"
    with written(path, place.site.name, place.site.people.key, intruder=name) as truth:
        INTRUDERS[name].run(Attack(place, truth, **{**INTRUDERS[name].usual, **orders}))
    return path


def _is_hit(line: dict[str, Any]) -> bool:
    return bool(line["event"] == "login_ok" and line["kind"] == "customer")


def _rows(place: Place, statement: str) -> list[Any]:
    port = place.state["sites"][place.site.name]["database"]["port"]
    with closing(owner_of(place.site, port)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _logged(place: Place) -> list[dict[str, Any]]:
    text = Path(place.state["sites"][place.site.name]["logs"]["json"]).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _compare_with_the_log(place: Place, path: Path) -> None:
    """Hold each reply of a truth file against the line that nginx wrote of it, in the time the run took."""
    begin, *_, end = lines = list(read(path))
    replies = [line for line in lines if line["event"] == "reply"]
    told = sorted((each["address"], each["path"], each["status"], each["bytes"]) for each in replies)
    since, until = (datetime.fromisoformat(line["at"]).timestamp() for line in (begin, end))

    def seen() -> list[tuple[Any, ...]]:
        during = [line for line in _logged(place) if since - 0.001 <= line["msec"] <= until + 0.5]
        return sorted((line["ip"], line["uri"], line["status"], line["body_bytes"]) for line in during)

    tries = 40
    while len(seen()) < len(told) and (tries := tries - 1):
        time.sleep(0.05)  # nginx writes a request's line when all of it is sent
    assert seen() == told


def test_enumeration_gets_each_person_it_asked_for(place: Place) -> None:
    path = _play(place, "enumeration", rate=200.0, addresses=3, sessions=2, requests=60)
    assert sorted(person for _, person in people_by_time(path)) == list(range(1, 61))
    _compare_with_the_log(place, path)
    replies = [line for line in read(path) if line["event"] == "reply"]
    assert len({line["address"] for line in replies}) == 3
    assert len({line["session"] for line in replies}) == 2


@pytest.mark.parametrize(
    ("name", "orders", "people"),
    [
        ("staff-script", {"rate": 100.0, "requests": 10}, 500),
        ("staff-hand", {"rate": 20.0, "requests": 3}, 150),
        ("batch", {"rate": 50.0, "requests": 9}, PEOPLE),
        ("export", {"rate": 10.0}, PEOPLE),
        ("left-over", {"rate": 100.0}, PEOPLE),
        ("stuffing", {"rate": 400.0, "addresses": 10, "requests": 300}, 60),
    ],
)
def test_an_intruder_gets_as_many_people_as_it_came_for(
    place: Place, name: str, orders: dict[str, Any], people: int
) -> None:
    path = _play(place, name, **orders)
    received = {person for _, person in people_by_time(path)}
    # The last name's pages may hold fewer than fifty each.
    assert people * 0.8 < len(received) <= people
    assert received <= set(range(1, PEOPLE + 1))
    _compare_with_the_log(place, path)


def test_credential_stuffing_opens_sixty_accounts_and_no_other(place: Place) -> None:
    path = _play(place, "stuffing", rate=600.0, addresses=4, requests=120)
    hits = [line for line in read(path) if line.get("path") == "/login" and line["status"] == 303]
    assert len(hits) == len({line["session"] for line in hits}) == 60
    refused = [line for line in read(path) if line.get("status") == 403]
    assert len(refused) == 60
    told = Path(place.state["sites"][place.site.name]["logs"]["accounts"]).read_text("utf-8")
    signed_in = {
        line["sess"]: int(line["user"]) for line in map(json.loads, told.splitlines()) if _is_hit(line)
    }
    for line in read(path):
        if line.get("people"):
            assert {signed_in[line["session"]]} == set(line["people"])


def test_sqlmap_gets_by_union_what_the_database_holds(folder: Path) -> None:
    find_program("sqlmap")
    place = find_place(folder, "insurer")
    path = _play(place, "sqlmap-union", requests=150)
    assert len(people_by_time(path)) == PEOPLE
    dumped = next((folder / "sqlmap").rglob("owners.csv*")).read_text("utf-8")
    own = {int(line.split(",")[0]) for line in dumped.splitlines()[1:] if line}
    assert own == {person for _, person in people_by_time(path)}, "sqlmap's own dump says otherwise"
    _compare_with_the_log(place, path)


def test_sqlmap_guesses_blind_whom_the_truth_names(folder: Path) -> None:
    find_program("sqlmap")
    place = find_place(folder, "agency")
    path = _play(place, "sqlmap-blind", rate=1000.0, addresses=2, requests=500)
    guessed = [person for _, person in people_by_time(path)]
    assert len(guessed) > 1
    statement = "SELECT customer_id FROM customers ORDER BY mail"
    first = [key for (key,) in _rows(place, statement)][: len(guessed)]
    assert guessed == first, "sqlmap goes by the order of the column it guesses"
    assert {line["address"] for line in read(path) if line["event"] == "reply"} == {
        "127.66.0.1",
        "127.66.0.2",
    }


def test_honest_people_see_their_own_and_the_office_works(place: Place) -> None:
    path = place.folder / "truth" / f"{place.site.name}-honest.jsonl"
    options = {"since": "2026-11-20T10:00:00+09:00", "pace": 60.0}
    with written(path, place.site.name, place.site.people.key, intruder=None, options=options) as truth:
        hours = Hours(datetime.fromisoformat("2026-11-20T10:00:00+09:00"), 60.0)
        Traffic(place, truth, seconds=2, visits_per_minute=60, staff=4, hours=hours).run()
    _compare_with_the_log(place, path)
    replies = [line for line in read(path) if line["event"] == "reply"]
    assert {line["status"] for line in replies} <= {200, 303}
    accounts = place.state["sites"][place.site.name]["logs"]["accounts"]
    signed_in = {
        line["sess"]: line for line in map(json.loads, Path(accounts).read_text("utf-8").splitlines())
    }
    own = [line for line in replies if line["people"] and signed_in[line["session"]]["kind"] == "customer"]
    assert len(own) > 5
    assert all({int(signed_in[line["session"]]["user"])} == set(line["people"]) for line in own)
    assert any(line["path"].startswith(place.site.listing + "?") for line in replies)
    _compare_with_the_retold(path, place.folder / f"{place.site.name}-retold", replies)


def _compare_with_the_retold(path: Path, out: Path, replies: list[dict[str, Any]]) -> None:
    """Hold the logs in the run's own time against the truth: as many lines, within its two minutes."""
    files = {each.name: each.read_text("utf-8").splitlines() for each in write_retimed(path, out)}
    assert len(files["access_json.log"]) == len(files["access.log"]) == len(replies)
    stamps = [datetime.fromisoformat(json.loads(line)["time"]) for line in files["access_json.log"]]
    first = datetime.fromisoformat("2026-11-20T01:00:00+00:00")
    assert all(timedelta() <= at - first < timedelta(minutes=4) for at in stamps)
    assert stamps[-1] - stamps[0] > timedelta(minutes=1)
    statements = files.get("postgresql.log") or files["general.log"]
    assert any("SELECT" in line for line in statements)
    assert all(line.startswith(("2026-11-20 01:0", "261120 ", "\t")) for line in statements)


def test_the_same_seed_fills_a_database_with_the_people_python_knows(place: Place) -> None:
    from range.people.tables import mail  # noqa: PLC0415

    people = place.site.people
    kept = dict(_rows(place, f"SELECT {people.key}, {people.mail} FROM {people.table}"))
    assert kept == {row: mail(place.draws, row) for row in range(1, place.people + 1)}


def test_an_ended_session_and_a_disabled_account_are_out_at_once(place: Place) -> None:
    people = place.site.people
    client, _ = place.customer("127.66.4.1", 7)
    assert client.get("/mypage").status == 200
    _rows_of_nothing(place, f"DELETE FROM sessions WHERE sid = '{client.session}'")
    assert client.get("/mypage").status == 401
    other, _ = place.customer("127.66.4.1", 8)
    assert other.get("/mypage").status == 200
    _rows_of_nothing(place, f"UPDATE {people.table} SET disabled = 1 WHERE {people.key} = 8")
    assert other.get("/mypage").status == 401
    assert place.customer("127.66.4.1", 8)[1].status == 403


def test_a_locked_role_closes_its_function_alone(place: Place) -> None:
    staff, _ = place.staff("127.66.4.2", 3)
    customer, _ = place.customer("127.66.4.2", 9)
    assert (staff.get(place.site.listing).status, customer.get("/mypage").status) == (200, 200)
    lock, let_go, ended = _locking(place)
    _rows_of_nothing(place, lock)
    _rows_of_nothing(place, ended)
    assert (staff.get(place.site.listing).status, customer.get("/mypage").status) == (503, 200)
    _rows_of_nothing(place, let_go)
    assert staff.get(place.site.listing).status == 200


def test_the_shipped_data_map_is_right(place: Place) -> None:
    path = Path(place.state["sites"][place.site.name]["datamap"])
    tables = check_datamap(path, {})
    assert tables == []


def test_what_is_outside_answers_nobody(place: Place) -> None:
    stranger = Client(place.url, "127.66.4.3")
    for path in ("/mypage", place.record(1), place.site.listing, place.site.export):
        assert stranger.get(path).status == 401, path


def _locking(place: Place) -> tuple[str, str, str]:
    if place.site.engine == "postgresql":
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'site_staff'"
        return "ALTER ROLE site_staff NOLOGIN", "ALTER ROLE site_staff LOGIN", ended
    lock = "ALTER USER site_staff@'%' ACCOUNT"
    return f"{lock} LOCK", f"{lock} UNLOCK", "KILL USER 'site_staff'"


def _rows_of_nothing(place: Place, statement: str) -> None:
    port = place.state["sites"][place.site.name]["database"]["port"]
    with closing(owner_of(place.site, port)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
