"""What is tried at a site is told once it was answered or came right, and what honest people send is not."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from ashiato.guard.attempts import has_sql
from ashiato.guard.settings import load_settings
from ashiato.terms.alarms import AlarmCode
from tests.guard.watched import DATAMAP, Watched, catch_up

_INTRUDER, _OTHER = "203.0.113.7", "198.51.100.9"
_INJECTED = [
    "%' UNION ALL SELECT NULL,login,NULL FROM staff-- -",
    "x') AND ASCII(SUBSTRING((SELECT mail FROM owners LIMIT 1) FROM 3 FOR 1))>64 AND ('a'='a",
    "1 OR 1=1",
    "1;SELECT pg_sleep(5)--",
    "x' ORDER BY 7-- ",
    "x'/**/uNiOn/**/sElEcT/**/1",
    "x'||(SELECT mail FROM owners)||'",
    "x'/**/AND/**/1=1",
    "1) AND NOT EXISTS(SELECT 1",
    "x' OR t.login LIKE 'a",
    "x' AND (SELECT 1)=1-- ",
]
_HONEST = [
    "O'Brien and sons (Ltd)",
    "rock 'n' roll",
    "select a union of clubs",
    "dogs & cats",
    "5 or 6",
    "Tokyo (Minato) and Osaka (Namba)",
    "2 or 3 in stock",
    "size 24 or 25 (EU)",
    "Tokyo (Minato) - order by phone",
    "a;b;c",
    "100% = all",
]
_SOURCES = """\
sources:
  - files: "*auth.log"
    fields: {actor_session_uid: sess, actor_user_name: user, src_endpoint_ip: ip}
    success: {event: login_ok}
    failure: {event: login_failed}
"""


@pytest.mark.parametrize("text", _INJECTED)
@pytest.mark.parametrize("encode", [quote, quote_plus])
def test_sql_is_known_as_it_comes(text: str, encode: object) -> None:
    assert callable(encode)
    assert has_sql(f"prefecture=x&q={encode(text)}")


@pytest.mark.parametrize("text", _HONEST)
def test_what_people_write_is_no_sql(text: str) -> None:
    assert not has_sql(f"q={quote_plus(text)}")


@pytest.mark.parametrize("text", ["'" + "/**/" * 2_000, ")" * 8_000, "') or " * 1_600, "1" * 8_000])
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    assert not has_sql(f"q={text}")
    assert time.process_time() - started < 1


def test_sql_that_is_answered_is_told(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    with watched.guard():
        for number in range(12):
            text = quote_plus(f"x' UNION SELECT {number}-- ")
            watched.ask(f"/shops?q={text}", _INTRUDER, status=500 if number % 2 else 200)
            watched.ask(f"/shops?q={quote_plus(_HONEST[number % len(_HONEST)])}{number}", _OTHER)
            watched.ask(f"/shops?q={quote_plus(_INJECTED[0])}", "198.51.100.10")
            watched.ask(f"/shops?q={text}", "198.51.100.11", status=403)
    (alarm,) = watched.told
    assert (alarm.code, alarm.rule) == (AlarmCode.FINDING, "attempts/sql/address/minute")
    assert [actor.value for actor in alarm.actors] == [_INTRUDER]
    assert (alarm.people, alarm.people_expected) == (0, None)


@pytest.mark.parametrize(
    ("missed", "said", "is_told"),
    [(3, {}, True), (2, {}, False), (3, {"sess": "s1"}, False), (3, {"body_bytes": 9}, False)],
)
def test_a_copy_that_was_guessed_is_told(
    tmp_path: Path, missed: int, said: dict[str, Any], *, is_told: bool
) -> None:
    watched = Watched(tmp_path)
    with watched.guard():
        for name in ("/backup.zip", "/dump.sql", "/.env")[:missed]:
            watched.ask(name, _INTRUDER, status=404)
        watched.ask("/old/data.csv.gz", _INTRUDER, **({"body_bytes": 9_000} | said))
        watched.ask("/files/price-list.csv", _OTHER, body_bytes=9_000)
    assert [alarm.rule for alarm in watched.told] == ["attempts/copies/address/minute"] * is_told


def test_passwords_of_many_are_told_with_the_sessions_that_they_opened(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    log = tmp_path / "auth.log"
    log.touch()
    (tmp_path / "datamap.yaml").write_text(DATAMAP + _SOURCES, encoding="utf-8")
    settings = (tmp_path / "guard.yaml").read_text(encoding="utf-8")
    added = f"sources:\n  - {{files: {log}, from: beginning}}\n"
    (tmp_path / "guard.yaml").write_text(settings.replace("sources:\n", added), encoding="utf-8")
    watched.settings = load_settings(tmp_path)

    def sign_in(address: str, user: str, session: str = "-") -> None:
        event = "login_failed" if session == "-" else "login_ok"
        said = {"time": watched.now.isoformat(), "event": event, "sess": session, "user": user, "ip": address}
        with log.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(said) + "\n")

    with watched.guard() as guard:
        sign_in(_OTHER, "aoi", "honest")
        for _ in range(20):
            sign_in(_OTHER, "forgotten")
        sign_in(_INTRUDER, "first", "opened1")
        for number in range(12):
            sign_in(_INTRUDER, f"user{number}")
            watched.wait(1)
        catch_up(guard)
        sign_in(_INTRUDER, "second", "opened2")
    rules = [alarm.rule for alarm in watched.told]
    assert rules == [
        "attempts/passwords/address/minute",
        "attempts/passwords/found",
        "attempts/passwords/found",
    ]
    named = [{actor.value for actor in alarm.actors} for alarm in watched.told]
    assert named == [{_INTRUDER}, {"opened1", _INTRUDER}, {"opened2", _INTRUDER}]
