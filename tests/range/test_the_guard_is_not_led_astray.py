"""An intruder who writes an honest visitor's name into everything a log keeps frames nobody by it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from ashiato.guard.running import Guard
from ashiato.guard.settings import load_settings
from ashiato.guard.state import State
from ashiato.terms.alarms import Alarm
from range.client import Client
from range.place import Place, find_place
from tests.guard.watched import catch_up

pytestmark = pytest.mark.slow
_INTRUDER, _HONEST = "127.66.9.1", "127.16.9.9"
_HONEST_SESSION = "0123456789ab"
#: What would be a line, a member or a column of its own to whoever trusts it.
_FORGED = [
    f'","ip":"{_HONEST}","sess":"{_HONEST_SESSION}","x":"',
    f'\\","ip":"{_HONEST}","x":"\\',
    f'x\r\n{{"time":"2026-11-23T03:00:00+00:00","ip":"{_HONEST}","method":"GET","uri":"/api/owners/1"}}',
    f'x\n{{"time":"2026-11-23T03:00:00+00:00","event":"login_failed","user":"a","ip":"{_HONEST}"}}\n',
    f"{_HONEST} - - [23/Nov/2026:03:00:00 +0000]",
    '\u2028\u202e\u0085{"ip":1}',
]


@pytest.fixture(scope="module")
def insurer(folder: Path) -> Place:
    """One site is enough: both have the same nginx."""
    return find_place(folder, "insurer")


def _send(place: Place, path: str, forged: str, cookie: str = "", **headers: str) -> int:
    """Ask over a socket, so that every byte goes out as it is; returns the status, 0 for none."""
    split = urlsplit(place.url)
    names = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "User-Agent", "Referer", *headers)
    flat = forged.replace("\r", " ").replace("\n", " ")
    said = "".join(f"{name.replace('_', '-')}: {headers.get(name, flat)}\r\n" for name in names)
    said += f"Cookie: sid={cookie}\r\n" if cookie else ""
    with socket.create_connection((split.hostname, split.port), 20, (_INTRUDER, 0)) as connection:
        asked = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{said}\r\n"
        connection.sendall(asked.encode("utf-8", "surrogatepass"))
        with connection.makefile("rb") as answer:
            return int((answer.readline().split() or [b"", b"0"])[1])


@pytest.fixture
def followed(insurer: Place, tmp_path: Path) -> Iterator[tuple[Guard, list[Alarm]]]:
    """A guard that follows what the real nginx and the real application write."""
    site, told = insurer.state["sites"]["insurer"], list[Alarm]()
    logs = "\n".join(f"  - {{files: {site['logs'][each]}}}" for each in ("json", "accounts"))
    (tmp_path / "guard.yaml").write_text(f"datamap: {site['datamap']}\nsources:\n{logs}\n", "utf-8")
    settings = load_settings(tmp_path)
    with State(tmp_path) as state, closing(Guard(settings, state, told.append)) as guard:
        catch_up(guard)
        yield guard, told


def _caught_up(guard: Guard, lines: int) -> None:
    """Read on until so many lines more are read: nginx writes a line after its reply."""
    before, until = sum(seen.lines for seen in guard.seen().values()), time.monotonic() + 60
    while sum(seen.lines for seen in guard.seen().values()) < before + lines and time.monotonic() < until:
        catch_up(guard)


def _named(told: list[Alarm]) -> set[str]:
    return {actor.value for alarm in told for actor in alarm.actors if actor.kind == "address"}


@pytest.mark.parametrize(
    "forged", [_HONEST, f"{_HONEST}, {_HONEST}", f"for={_HONEST};by=127.0.0.1", *_FORGED]
)
def test_a_walker_is_told_of_by_its_own_address(
    insurer: Place, followed: tuple[Guard, list[Alarm]], forged: str
) -> None:
    guard, told = followed
    client, _ = insurer.customer(_INTRUDER, 77)
    try:
        records = [insurer.record(each * each + 1) for each in range(14)]
        statuses = [_send(insurer, record, forged, client.cookie) for record in records]
    finally:
        client.get("/logout")
    assert statuses == [200] * 14
    _caught_up(guard, 15)
    assert {seen.unread for seen in guard.seen().values()} == {0}
    assert _named(told) == {_INTRUDER}
    assert {alarm.rule for alarm in told} == {"people-budget/owner/session/minute"}


@pytest.mark.parametrize("forged", _FORGED)
def test_tries_frame_nobody_whose_session_or_name_they_claim(
    insurer: Place, followed: tuple[Guard, list[Alarm]], forged: str
) -> None:
    """SQL at an open route with an honest session's name, and sign-ins with lines of a log for a name."""
    guard, told = followed
    for number in range(14):
        text = quote(f"x' UNION SELECT {number}-- {forged}")
        path = f"/hospitals/search?prefecture=x&q={text}"
        assert _send(insurer, path, forged, _HONEST_SESSION) in {200, 500}
        client = Client(insurer.url, _INTRUDER)
        assert client.post("/login", {"email": f"{number}{forged}", "password": "x"}).status == 403
        client.close()
    _caught_up(guard, 42)
    assert {alarm.rule for alarm in told} >= {
        f"attempts/{each}/address/minute" for each in ("sql", "passwords")
    }
    assert {actor.value for alarm in told for actor in alarm.actors} == {_INTRUDER}
