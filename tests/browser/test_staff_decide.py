"""Somebody who leads decides all there is to decide, by mouse and by keyboard, each with its proof."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState

from tests.browser.browsing import DESK, PHONE, join, window
from tests.browser.server import Server, serving
from tests.conftest import ROOT

pytestmark = pytest.mark.slow
PAGES = (
    "notices/", "notices/text/", "notices/message/?id=shop/members/1", "reviews/",
    "reviews/pair/?id=pair-b", "pins/", "duties/", "drafts/", "drafts/announcement-1/",
    "plans/", "plans/1/", "over/", "retention/", "../../account/tokens/",
)  # fmt: skip
#: A site whose sessions stand in a file, and are ended there.
CONTROLS = """containment:
  controls:
    site:
      kind: sessions-sql
      database: {{engine: sqlite, name: "{site}"}}
      look: SELECT ended FROM sessions WHERE name = :value
      stop: UPDATE sessions SET ended = 1 WHERE name = :value
      restore: UPDATE sessions SET ended = :before WHERE name = :value
      stopped: 1
"""
#: What somebody's doing asks of the server, and a turn of the page's own afterwards: its clock stands still.
_USE = """async () => {
    await (await fetch("/healthz")).text();
    for (let turn = 0; turn < 3; turn++) await new Promise(done => {
        const way = new MessageChannel();
        way.port1.onmessage = done;
        way.port2.postMessage(0);
    });
}"""
#: Tables that nobody should have to push aside to read.
_SIDEWAYS = """[...document.querySelectorAll(".stacked")]
    .filter(each => each.scrollWidth > each.parentElement.clientWidth).map(each => each.innerText)"""


@dataclass(frozen=True)
class Lead:
    """Aoi, who leads the case: her server, her session, and codes that prove her once each."""

    server: Server
    state: StorageState
    codes: list[str]


@pytest.fixture(scope="module")
def lead(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lead]:
    """Aoi, signed in."""
    folder = tmp_path_factory.mktemp("deciding")
    _lay_site(folder)
    with serving(folder / "home") as server, window(browser, server, DESK, "ja") as opened:
        made = [sys.executable, "-m", "tests.browser.deciding_scene", str(server.home), str(folder)]
        subprocess.run(made, check=True, cwd=ROOT)
        join(opened, "aoi")
        codes = opened.page.locator("#recovery_codes").input_value().split()
        server.run("staff", "role", str(folder / "case"), "aoi", "lead")
        yield Lead(server, opened.page.context.storage_state(), codes)


def test_all_there_is_to_decide_is_decided(browser: Browser, lead: Lead) -> None:
    with window(browser, lead.server, DESK, "ja", lead.state) as opened:
        page = opened.page
        opened.go("/cases/case/notices/")
        opened.assert_sound()
        page.click("#text + p + p a")
        opened.assert_sound()
        page.click("form[action$='text/approve/'] button")
        page.wait_for_selector("#id_code")
        opened.assert_sound()
        page.fill("#id_code", lead.codes[0])
        page.click("main form button[type=submit]")
        page.wait_for_url("**/notices/text/")
        assert "2人中2人" in page.inner_text("main")
        opened.assert_sound()
        _release(page)
        opened.assert_sound()
        _decide_pairs(page, lead.server)
        opened.assert_sound()
        _pin_and_confirm(page, lead.server)
        opened.assert_sound()
        _contain(page, lead.server)
        opened.assert_sound()
        opened.go("/cases/case/ledger/")
        assert page.locator(".said.fine").count() == 1, "both chains are whole"
        lead.state.update(page.context.storage_state())


def _release(page: Page) -> None:
    """Approve the wave, hold everything back and let it go on; the worker says why it sends nothing."""
    page.click(".pages a[aria-current]")
    page.click("form[action$='wave/approve/'] button")
    page.wait_for_selector(".said.fine[role=status]")
    page.fill("#why", "警察からの依頼 4711")
    page.click("section[aria-labelledby=hold] button")
    page.wait_for_selector("#open-hand")
    page.fill("#open-hand", "依頼が終わった")
    page.press("#open-hand", "Enter")
    page.wait_for_selector("#open-hand", state="detached")
    page.click("form[action$='send/'] button")
    page.wait_for_selector("div[data-over] .said.alarm", timeout=60_000)


def _decide_pairs(page: Page, server: Server) -> None:
    """By keyboard alone: choose, say why, keep it, and so on until none waits."""
    page.goto(f"{server.address}/cases/case/reviews/pair/?id=pair-a")
    for reason in ("電話番号が同じ", "誕生日が違う"):
        assert page.evaluate("document.activeElement.value") == "same"
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.type(reason)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    assert page.url.endswith("/reviews/")


def _pin_and_confirm(page: Page, server: Server) -> None:
    page.goto(f"{server.address}/cases/case/pins/")
    page.click("section[aria-labelledby=hostile] tbody a >> nth=0")
    page.wait_for_url("**/pins/?place=*")
    page.fill("#because", "自社の試験")
    page.select_option("#verdict", "honest")
    page.press("#because", "Enter")
    page.wait_for_selector("section[aria-labelledby=pins] tbody tr")
    page.goto(f"{server.address}/cases/case/duties/")
    page.fill("#why", "顧問弁護士と確かめた")
    page.press("#why", "Enter")
    page.wait_for_selector(".said.fine[role=status]")


def _contain(page: Page, server: Server) -> None:
    """Approve Ben's plan too, have it applied and taken back; stop everything, and let it go on."""
    server.run("contain", "keep", "--once")
    page.goto(f"{server.address}/cases/case/plans/")
    page.click("section[aria-labelledby=list] tbody a")
    page.click("form[action$='/approve/'] button")
    page.click("form:has([value=apply]) button")
    page.wait_for_selector("[data-follow]")
    server.run("contain", "keep", "--once")
    page.wait_for_selector("form:has([value=verify])")
    assert _ended(server) == ["a"]
    page.fill("#undo-why", "契約者本人だった")
    page.press("#undo-why", "Enter")
    page.wait_for_selector("[data-follow]")
    server.run("contain", "keep", "--once")
    page.wait_for_selector("[data-follow]", state="detached")
    assert _ended(server) == []
    page.click(".pages a[aria-current]")
    for why in ("顧客が止められている", "規則を直した"):
        page.fill("#halt-why", why)
        page.press("#halt-why", "Enter")
        page.wait_for_selector(".said.fine[role=status]")


def _lay_site(folder: Path) -> None:
    """Lay a site with a session beside the server, and name the control that ends it in the server's file."""
    (folder / "home").mkdir(mode=0o700)
    with closing(sqlite3.connect(folder / "home" / "site")) as made, made:
        made.execute("CREATE TABLE sessions (name TEXT PRIMARY KEY, ended INTEGER)")
        made.execute("INSERT INTO sessions VALUES ('a', 0)")
    (folder / "home" / "server.yaml").write_text(CONTROLS.format(site=folder / "home" / "site"))


def _ended(server: Server) -> list[str]:
    with closing(sqlite3.connect(server.home / "site")) as site:
        return [name for (name,) in site.execute("SELECT name FROM sessions WHERE ended = 1")]


@pytest.mark.parametrize(("size", "language"), [(PHONE, "en"), (DESK, "ja")], ids=["phone", "desk"])
def test_every_page_of_decisions_is_sound_in_the_dark(
    browser: Browser, lead: Lead, size: tuple[int, int], language: str
) -> None:
    with window(browser, lead.server, size, language, lead.state) as opened:
        opened.go("/cases/case/")
        opened.page.click("[data-switch-theme]")
        for path in PAGES:
            opened.go(f"/cases/case/{path}")
            assert opened.page.locator("html").get_attribute("data-bs-theme") == "dark"
            opened.assert_sound()
            assert not opened.page.evaluate(_SIDEWAYS)


def test_a_page_that_somebody_left_is_cleared_when_the_session_is_over(browser: Browser, lead: Lead) -> None:
    with window(browser, lead.server, DESK, "ja", lead.state) as opened:
        page = opened.page
        page.clock.install()
        opened.go("/cases/case/people/")
        page.clock.fast_forward("59:00")
        assert page.locator("table.list").count() == 1
        page.evaluate(_USE)
        page.clock.fast_forward("59:00")
        assert page.locator("table.list").count() == 1
        page.clock.fast_forward("02:00")
        page.wait_for_selector("table.list", state="detached")
        assert page.locator("header").count() == 0
        assert "画面を消しました" in page.inner_text("body")
        opened.assert_sound()
