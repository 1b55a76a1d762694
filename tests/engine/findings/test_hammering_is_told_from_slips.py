"""Refusals faster than hands are findings; slips, stale sessions and crowded addresses are none."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ashiato.datamap.model import DataMap
from ashiato.engine import findings
from ashiato.engine.findings.rules import source_of
from ashiato.engine.sigma.rule_files import read_rule_set
from ashiato.engine.store import Store
from ashiato.engine.tables import CAUSES, EVENTS
from ashiato.engine.workspace import Workspace

_SECOND = 1_000_000
Event = dict[str, Any]


def _asked(address: str, path: str, at: float, code: int = 401) -> Event:
    return {
        "event_kind": "http", "source_format": "combined", "src_endpoint_ip": address,
        "start_us": int(at * _SECOND), "http_request_method": "GET", "http_request_target": path,
        "http_request_path": path, "http_response_code": code,
    }  # fmt: skip


def _complained(address: str, at: float, message: str) -> Event:
    said = {
        "event_kind": "message",
        "source_format": "nginx-error",
        "message": message,
        "http_response_code": None,
    }
    return _asked(address, "/", at) | said


def _signed_in(address: str, at: float, name: str, status: str = "failure") -> Event:
    told = {"event_kind": "host", "source_format": "linux-auth", "actor_user_name": name, "status": status}
    return told | {"src_endpoint_ip": address, "start_us": int(at * _SECOND)}


def _said(at: float, message: str) -> Event:
    told = {"event_kind": "host", "source_format": "syslog", "process_name": "imapd", "message": message}
    return told | {"start_us": int(at * _SECOND)}


def _connected(address: str, at: float, error: str) -> Event:
    told = {"event_kind": "connection", "source_format": "postgresql-stderr", "database_session_uid": "1"}
    return told | {
        "src_endpoint_ip": address, "start_us": int(at * _SECOND), "status": "failure", "error_text": error
    }  # fmt: skip


NAMES = ("ann", "bob", "eve")
_WRONG = 'password authentication failed for user "app"'
_NOT_THERE = 'user "ann" was not found in "/etc/nginx/names", client: 192.0.2.4'
#: A client's address and what it did.
STORIES: dict[str, list[Event]] = {
    "192.0.2.1": [_asked("192.0.2.1", "/private", at) for at in (0, 1, 2, 3, 4)],
    "192.0.2.2": [_asked("192.0.2.2", f"/api/part-{'abcde'[at]}", at / 10) for at in range(5)],
    "192.0.2.3": [_asked("192.0.2.3", "/private", at) for at in (0, 15, 30, 45, 60)],
    "192.0.2.4": [_complained("192.0.2.4", at / 2, _NOT_THERE) for at in range(5)],
    "192.0.2.5": [_connected("192.0.2.5", at, _WRONG) for at in range(5)],
    "192.0.2.6": [_connected("192.0.2.6", at, "the database system is starting up") for at in range(5)],
    "192.0.2.7": [
        *(_asked("192.0.2.7", "/private", at) for at in range(5)),
        _asked("192.0.2.7", "/private", 2, 200),
    ],
    "192.0.2.8": [
        *(_asked("192.0.2.8", "/private", at) for at in range(3)),
        *(_complained("192.0.2.8", at, _NOT_THERE) for at in range(3)),
    ],
    "192.0.2.9": [_signed_in("192.0.2.9", 3000.0 * at, name) for at, name in enumerate(NAMES)],
    "192.0.2.10": [
        *(_signed_in("192.0.2.10", 3000.0 * at, name) for at, name in enumerate(NAMES)),
        _signed_in("192.0.2.10", 9_500, "eve", "success"),
    ],
    "192.0.2.12": [
        _said(at, "imap-login: (auth failed, 1 attempts): user=<a>, rip=192.0.2.12, lip=10.0.0.1")
        for at in range(5)
    ],
    "2001:db8::13": [_said(at, "利用者 a のログインに失敗しました from 2001:db8::13") for at in range(5)],
    "192.0.2.14": [_said(at, "imap-login: Login: user=<a>, rip=192.0.2.14, lip=10.0.0.1") for at in range(5)],
    "192.0.2.11": [_asked("192.0.2.11", "/private", at / 4) for at in range(30)],
}  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[tuple[str, str]]]:
    """Return the rules and levels found for each client."""
    folder = tmp_path_factory.mktemp("hammering")
    events = [event for story in STORIES.values() for event in story]
    rows = [{"event_id": number, "end_us": event["start_us"], **event} for number, event in enumerate(events)]
    with Store(folder) as store, pytest.MonkeyPatch.context() as patched:
        patched.setattr(findings, "read_case_rules", lambda _: read_rule_set([folder], source_of))
        store.write(EVENTS, [tuple(row.get(column) for column in EVENTS.columns) for row in rows])
        store.write(CAUSES, [])
        findings.build(Workspace(folder, ZoneInfo("UTC"), DataMap(), (), store))
        said: dict[str, set[tuple[str, str]]] = {address: set() for address in STORIES}
        for actor, rule, level in store.rows("SELECT actor, rule, level FROM findings WHERE events > 0"):
            said[actor].add((rule, level))
        return said


@pytest.mark.parametrize("address", ["192.0.2.1", "192.0.2.4", "192.0.2.5", "192.0.2.12", "2001:db8::13"])
def test_five_within_ten_seconds_are_low(found: dict[str, set[tuple[str, str]]], address: str) -> None:
    assert found[address] == {("sign-in-hammered", "low")}


def test_names_none_of_which_came_right_are_low(found: dict[str, set[tuple[str, str]]]) -> None:
    assert found["192.0.2.9"] == {("names-tried", "low")}


def test_thirty_within_the_hour_are_medium(found: dict[str, set[tuple[str, str]]]) -> None:
    assert found["192.0.2.11"] == {("sign-in-hammered", "medium")}


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("192.0.2.2", id="a page whose session ran out asks for many things at once"),
        pytest.param("192.0.2.3", id="as slow as hands"),
        pytest.param("192.0.2.6", id="refused for another reason"),
        pytest.param("192.0.2.7", id="others behind the address come right"),
        pytest.param("192.0.2.8", id="two logs tell of three attempts"),
        pytest.param("192.0.2.14", id="a program tells of sign-ins that came right"),
        pytest.param("192.0.2.10", id="one of the names came right"),
    ],
)
def test_what_people_and_programs_do_is_nothing(found: dict[str, set[tuple[str, str]]], address: str) -> None:
    assert found[address] == set()
