"""A lead sends the evidence of one night, starts a run, watches it end, and sees what it found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, StorageState

from ashiato.engine.api import open_case, open_outcome
from ashiato.exports.writing import facts_of
from tests.browser.browsing import DESK, PHONE, Window, join, window
from tests.browser.server import Server, serving
from tests.journeys import demo

pytestmark = pytest.mark.slow
_MOST_MS = 180_000
_PIECE = 4 << 20


@dataclass(frozen=True)
class Night:
    """A case without evidence, its lead signed in, and the files of one night."""

    server: Server
    state: StorageState
    files: list[Path]
    folder: Path


@pytest.fixture(scope="module")
def night(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("night")
    case = demo.new_case(folder / "case")
    demo.take_night(folder / "evidence")
    large = folder / "evidence" / "notes.txt"
    large.write_bytes((b"x" * 1023 + b"\n") * 9 * 1024)
    files = sorted(path for path in (folder / "evidence").rglob("*") if path.is_file())
    with serving(folder / "home") as server, window(browser, server, DESK, "ja") as opened:
        join(opened, "aoi")
        server.run("staff", "role", str(case.folder), "aoi", "lead")
        yield Night(server, opened.page.context.storage_state(), files, case.folder)


def test_evidence_is_sent_a_run_started_and_the_numbers_seen(browser: Browser, night: Night) -> None:
    large = [path for path in night.files if path.name == "notes.txt"]
    with window(browser, night.server, DESK, "en", night.state) as opened:
        _break_off(opened, large)
    with window(browser, night.server, DESK, "ja", night.state) as opened:
        page = opened.page
        assert "証拠を封印する" in _text(opened, "/cases/case/")
        assert _offsets(opened, large) == [_PIECE, 2 * _PIECE]
        _choose(opened, [path for path in night.files if path.name != "notes.txt"])
        page.click("[data-upload] button")
        page.wait_for_selector("text=封印済み >> nth=5", timeout=_MOST_MS)
        opened.go("/cases/case/evidence/")
        opened.assert_sound()
        opened.go("/cases/case/runs/")
        opened.assert_sound()
        page.click("form[action$='/start/'] button")
        page.wait_for_selector(".stages .now", timeout=_MOST_MS)
        opened.assert_sound()
        _watch_on_a_phone(browser, night)
        page.wait_for_selector(".said.fine", timeout=_MOST_MS)
        page.wait_for_load_state("networkidle")
        opened.assert_sound()
        assert "notes.txt" in page.inner_text("section[aria-labelledby=gaps]")
        page.click(".head a")
        page.wait_for_selector("#how-many")
        shown = [text.strip() for text in page.locator(".bounds dd").all_inner_texts()]
        assert shown == [f"{number:,}人" for number in _reached(night)]
        page.click(".gaps > summary")
        assert "notes.txt" in page.inner_text(".gaps")
        opened.assert_sound()


def _reached(night: Night) -> tuple[int, int]:
    """How many people the engine's tables hold, at least and at most."""
    with open_outcome(open_case(night.folder, lambda: 0)) as outcome:
        people = facts_of(outcome).people
    assert people is not None
    assert people.reached.at_most > 0
    return people.reached.at_least, people.reached.at_most


def _text(opened: Window, path: str) -> str:
    opened.go(path)
    return opened.page.inner_text("main")


def _choose(opened: Window, files: list[Path]) -> None:
    opened.go("/cases/case/evidence/")
    opened.page.set_input_files("#files", files)
    opened.page.fill("#source", "web1")
    opened.page.fill("#custodian", "Aoi, CSIRT")


def _break_off(opened: Window, files: list[Path]) -> None:
    """Begin to send, and be gone in the middle: the second piece never arrives."""
    _choose(opened, files)
    opened.assert_sound()
    held: list[Route] = []
    opened.page.route("**/uploads/*/", lambda route: _hold_second(route, held))
    opened.page.click("[data-upload] button")
    _until(opened.page, lambda: len(held) == 2)


def _hold_second(route: Route, held: list[Route]) -> None:
    if route.request.method == "PATCH":
        held.append(route)
    if len(held) < 2:
        route.continue_()


def _lose_first_answer(route: Route, asked: list[Route]) -> None:
    """Let the server do it, and answer the first in its place as a proxy that waited too long."""
    asked.append(route)
    if len(asked) == 1:
        route.fetch()
        route.fulfill(status=504)
    else:
        route.continue_()


def _offsets(opened: Window, files: list[Path]) -> list[int]:
    """Send the same file once more; returns where its pieces began."""
    begun: list[int] = []

    def keep(asked: Request) -> None:
        if asked.method == "PATCH":
            begun.append(int(asked.headers["upload-offset"]))

    lost: list[Route] = []
    _choose(opened, files)
    opened.page.on("request", keep)
    opened.page.route("**/finish/", lambda route: _lose_first_answer(route, lost))
    opened.page.click("[data-upload] button")
    opened.page.wait_for_selector("text=封印済み", timeout=_MOST_MS)
    assert len(lost) == 2
    assert ["504" in fault for fault in opened.faults] == [True]
    opened.faults.clear()
    opened.page.unroute("**/finish/")
    opened.page.remove_listener("request", keep)
    return begun


def _watch_on_a_phone(browser: Browser, night: Night) -> None:
    with window(browser, night.server, PHONE, "en", night.state) as opened:
        opened.go("/cases/case/runs/")
        opened.page.wait_for_selector("text=Started by aoi")
        opened.assert_sound()


def _until(page: Page, holds: object) -> None:
    assert callable(holds)
    for _ in range(200):
        if holds():
            return
        page.wait_for_timeout(50)
    raise TimeoutError
