"""Somebody comes in for the first time, and sees how many, who and what next, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, StorageState

from tests.browser.browsing import DESK, PHONE, Window, join, window
from tests.browser.server import Server, serving
from tests.cli.sample_case import PERSONS, make_case

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Joined:
    """A server with one case and one person of staff, who has signed in."""

    server: Server
    case: str
    state: StorageState
    first_steps: Window


@pytest.fixture(scope="module")
def joined(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Joined]:
    """Aoi, lead of a small case full of hostile text."""
    folder = tmp_path_factory.mktemp("joined")
    case = make_case(folder, PERSONS)
    with serving(folder / "home") as server, window(browser, server, DESK, "ja") as opened:
        join(opened, "aoi")
        server.run("staff", "role", str(case.folder), "aoi", "lead")
        yield Joined(server, "case", opened.page.context.storage_state(), opened)


def test_coming_in_for_the_first_time_is_sound(joined: Joined) -> None:
    joined.first_steps.assert_sound()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_answer_is_one_click_away_without_scrolling(
    browser: Browser, joined: Joined, language: str, size: tuple[int, int]
) -> None:
    with window(browser, joined.server, size, language, joined.state) as opened:
        opened.go("/")
        opened.assert_sound()
        opened.page.click(f"main a[href='/cases/{joined.case}/']")
        for part in ("how-many", "who", "next"):
            below = opened.page.locator(f"section[aria-labelledby={part}]").bounding_box()
            assert below is not None
            assert below["y"] + below["height"] <= size[1], part
        assert opened.page.locator("html").get_attribute("lang") == language
        opened.assert_sound()


@pytest.mark.parametrize(("size", "language"), [(DESK, "ja"), (PHONE, "en")], ids=["desk", "phone"])
def test_every_page_is_sound_down_to_the_person(
    browser: Browser, joined: Joined, size: tuple[int, int], language: str
) -> None:
    with window(browser, joined.server, size, language, joined.state) as opened:
        for name in ("pictures", "duties", "evidence", "runs", "ledger", "over", "people"):
            opened.go(f"/cases/{joined.case}/{name}/")
            opened.page.wait_for_load_state("networkidle")
            opened.assert_sound()
        opened.page.click("table a >> nth=1")
        opened.assert_sound()
        assert "Aoi+Mori" not in opened.page.inner_text("main")
        opened.page.fill("#reason", "Dan calls, desk 4711")
        opened.page.press("#reason", "Enter")
        opened.page.wait_for_selector("[role=status]")
        assert "Aoi+Mori" in opened.page.inner_text("main")
        opened.assert_sound()


def test_the_keyboard_alone_leads_to_the_content(browser: Browser, joined: Joined) -> None:
    with window(browser, joined.server, DESK, "en", joined.state) as opened:
        opened.go(f"/cases/{joined.case}/")
        opened.page.keyboard.press("Tab")
        assert opened.page.evaluate("document.activeElement.className") == "skip"
        opened.page.keyboard.press("Enter")
        assert opened.page.evaluate("document.activeElement.id") == "content"


def test_dark_is_as_sound_as_light(browser: Browser, joined: Joined) -> None:
    with window(browser, joined.server, DESK, "ja", joined.state) as opened:
        opened.go(f"/cases/{joined.case}/")
        opened.page.click("[data-switch-theme]")
        assert opened.page.locator("html").get_attribute("data-bs-theme") == "dark"
        opened.assert_sound()
