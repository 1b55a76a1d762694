"""An agent takes a call, verifies, tells, and closes it: on one screen, by keyboard, in both languages."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, StorageState

from ashiato.letters.notices.codes import code_of, grouped
from tests.browser.browsing import DESK, PHONE, join, window
from tests.browser.server import Server, serving
from tests.conftest import ROOT

pytestmark = pytest.mark.slow
#: The code that ``desk_scene`` gives Hanako's letter (``desks.UNUSED``).
UNUSED = code_of(b"k" * 32, "given to nobody")


class Agent(NamedTuple):
    """Emi of the desk: her server, her session, and codes that prove her once each."""

    server: Server
    state: StorageState
    codes: list[str]


@pytest.fixture(scope="module")
def agent(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """Emi of the desk, who leads it too, signed in."""
    folder = tmp_path_factory.mktemp("desk")
    with serving(folder / "home") as server, window(browser, server, DESK, "ja") as opened:
        made = [sys.executable, "-m", "tests.browser.desk_scene", str(server.home), str(folder / "case")]
        subprocess.run(made, check=True, cwd=ROOT)
        join(opened, "emi")
        codes = opened.page.locator("#recovery_codes").input_value().split()
        server.run("staff", "role", str(folder / "case"), "emi", "lead")
        yield Agent(server, opened.page.context.storage_state(), codes)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_call_is_answered_on_one_screen(
    browser: Browser, agent: Agent, language: str, size: tuple[int, int]
) -> None:
    server, state, _ = agent
    with window(browser, server, size, language, state) as opened:
        page = opened.page
        opened.go("/cases/case/desk/")
        opened.assert_sound()
        assert page.evaluate("document.activeElement.id") == "caller"
        page.keyboard.type("03-1234-5678")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/*/")
        assert page.evaluate("document.activeElement.id") == "code"
        opened.assert_sound()
        page.keyboard.type("000000000018")
        page.fill("#fact_born", "1980-04-06")
        page.fill("#fact_phone", "090-0000-0000")
        page.keyboard.press("Enter")
        page.wait_for_selector(".said.alarm")
        assert "hanako" not in page.content()
        opened.assert_sound()
        _verify(opened.page)
        assert "hanako" in page.inner_text("main")
        opened.assert_sound()
        page.click("button[value=verify]")
        page.wait_for_selector(".said[role=status]")
        opened.assert_sound()


def _verify(page: Page) -> None:
    """Give the code of Hanako's letter and two of her facts."""
    page.fill("#code", grouped(UNUSED))
    page.fill("#fact_born", "昭和55年4月5日")
    page.fill("#fact_phone", "090-1234-5678")
    page.keyboard.press("Enter")
    page.wait_for_selector(".said.fine")


def test_who_leads_sees_alerts_forecast_and_drafts(browser: Browser, agent: Agent) -> None:
    server, state, codes = agent
    with window(browser, server, DESK, "ja", state) as opened:
        opened.go("/cases/case/desk/lead/")
        opened.assert_sound()
        opened.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        opened.assert_sound()
        opened.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        opened.page.click("details.script summary")
        opened.page.click("details.script button")
        opened.page.wait_for_selector("#id_code")
        opened.assert_sound()
        opened.page.fill("#id_code", codes[0])
        opened.page.click("main form button[type=submit]")
        opened.page.wait_for_url("**/desk/lead/")
        opened.page.wait_for_selector(".said.fine")
        opened.assert_sound()
