"""What a control writes into an include takes hold after a reload, of whom it names alone; then lets go."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from range.client import Client
from range.place import Place, find_place

pytestmark = pytest.mark.slow

_NAMED, _OTHER = "127.66.7.1", "127.66.7.2"


@pytest.fixture(scope="module")
def insurer(folder: Path) -> Place:
    """One site is enough: both have the same nginx."""
    return find_place(folder, "insurer")


@contextmanager
def _filled(place: Place, control: str, line: str) -> Iterator[None]:
    """Have a line in a control's file, nginx reloaded; the file is as it was afterwards."""
    site = place.state["sites"][place.site.name]
    path = Path(site["controls"][control])
    before = path.read_text("utf-8")
    path.write_text(f"{before}{line}\n", "utf-8")
    subprocess.run(site["nginx"]["reload"], check=True, capture_output=True)
    try:
        yield
    finally:
        path.write_text(before, "utf-8")
        subprocess.run(site["nginx"]["reload"], check=True, capture_output=True)


def _statuses(place: Place, address: str, path: str, cookie: str = "") -> set[int]:
    """Ask ten times, each on a connection of its own."""
    found = set()
    for _ in range(10):
        client = Client(place.url, address, cookie=cookie)
        found.add(client.get(path).status)
        client.close()
    return found


def _await(place: Place, expected: set[int], address: str, path: str, cookie: str = "") -> set[int]:
    """Ask until the workers before the reload are gone; returns the last statuses."""
    until = time.monotonic() + 60
    while (seen := _statuses(place, address, path, cookie)) != expected and time.monotonic() < until:
        time.sleep(0.1)
    return seen


def test_a_denied_address_is_refused_and_no_other(insurer: Place) -> None:
    with _filled(insurer, "deny", f"{_NAMED}/32 1;"):
        assert _await(insurer, {403}, _NAMED, "/healthz") == {403}
        assert _statuses(insurer, _OTHER, "/healthz") == {200}
    assert _await(insurer, {200}, _NAMED, "/healthz") == {200}


def test_a_limited_address_is_slowed_and_no_other(insurer: Place) -> None:
    with _filled(insurer, "limit_addresses", f"{_NAMED} 1;"):
        assert 429 in _await(insurer, {200, 429}, _NAMED, "/healthz")
        assert _statuses(insurer, _OTHER, "/healthz") == {200}
    assert _await(insurer, {200}, _NAMED, "/healthz") == {200}


def test_a_limited_session_is_slowed_from_every_address_and_no_other(insurer: Place) -> None:
    (named, _), (other, _) = insurer.customer(_NAMED, 21), insurer.customer(_NAMED, 22)
    with _filled(insurer, "limit_sessions", f"{named.session} 1;"):
        assert 429 in _await(insurer, {200, 429}, _NAMED, "/mypage", named.cookie)
        assert 429 in _await(insurer, {200, 429}, _OTHER, "/mypage", named.cookie)
        assert _statuses(insurer, _NAMED, "/mypage", other.cookie) == {200}


def test_a_limited_route_is_slowed_for_everybody_and_a_closed_one_shut(insurer: Place) -> None:
    backup = insurer.site.left_over
    with _filled(insurer, "limit_routes", "~^/healthz 1;"):
        assert 429 in _await(insurer, {200, 429}, _NAMED, "/healthz")
        assert 429 in _await(insurer, {200, 429}, _OTHER, "/healthz")
        assert _statuses(insurer, _OTHER, backup) == {200}
    with _filled(insurer, "maintenance", "~^/backup/ 1;"):
        assert _await(insurer, {503}, _NAMED, backup) == {503}
        assert _statuses(insurer, _NAMED, "/healthz") == {200}
    assert _await(insurer, {200}, _NAMED, backup) == {200}
