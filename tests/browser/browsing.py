"""Debian's Chromium at two sizes and in two languages; what a page does wrong is kept and asked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from tests.browser.server import PASSWORD, Server, code_now
from tests.conftest import ROOT

DESK, PHONE = (1280, 800), (390, 844)
_AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
#: WCAG 2.2 AA, and what axe holds to be good practice.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's browser; the test is skipped where there is none."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no browser: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Window:
    """A page that somebody looks at, and everything that went wrong on it."""

    page: Page
    server: Server
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open an address of the server."""
        self.page.goto(self.server.address + path)

    def assert_sound(self) -> None:
        """No fault on the console, nothing refused by the policy, nothing axe objects to, no overflow."""
        assert self.faults == []
        assert violations(self.page) == []
        width = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], f"{self.page.url} is wider than the window"


@contextmanager
def window(
    browser: Browser,
    server: Server,
    size: tuple[int, int],
    language: str,
    state: StorageState | None = None,
) -> Iterator[Window]:
    """Open a window of a size, for a reader of a language; what is fetched from elsewhere is a fault."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=language,
        reduced_motion="reduce",
        storage_state=state,
    )
    opened = Window(context.new_page(), server)
    page = opened.page
    page.on("console", lambda said: opened.faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: opened.faults.append(str(error)))
    page.on("request", lambda asked: _keep_foreign(opened, asked.url))
    try:
        yield opened
    finally:
        context.close()


def _keep_foreign(opened: Window, url: str) -> None:
    if not url.startswith((opened.server.address, "data:", "blob:")):
        opened.faults.append(f"asked elsewhere: {url}")


def violations(page: Page) -> list[str]:
    """Return what axe-core objects to, each with where; a page that a click opened is whole by then."""
    page.wait_for_load_state()
    page.evaluate(_axe())
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", _RULES
    )
    return [f"{one['id']}: {node['target']}" for one in found["violations"] for node in one["nodes"]]


@cache
def _axe() -> str:
    if not _AXE.is_file():
        pytest.skip("no axe-core: scripts/setup brings it")
    return _AXE.read_text(encoding="utf-8")


def join(opened: Window, name: str) -> str:
    """Come in for the first time: set a password by the link, then an authenticator; returns its secret."""
    page = opened.page
    page.goto(opened.server.set_password_link(name))
    page.fill("#id_password1", PASSWORD)
    page.fill("#id_password2", PASSWORD)
    page.click("main button[type=submit]")
    opened.go("/account/login/")
    _give_password(page, name)
    secret = page.inner_text("#secret")
    page.fill("#id_code", code_now(secret))
    page.click("main button[type=submit]")
    page.wait_for_selector("#recovery_codes")
    return secret


def sign_in(opened: Window, name: str, secret: str) -> None:
    """Sign in with the password and the authenticator's code."""
    opened.go("/account/login/")
    _give_password(opened.page, name)
    opened.page.fill("#id_code", code_now(secret))
    opened.page.click("main button[type=submit]")
    opened.page.wait_for_url(f"{opened.server.address}/")


def _give_password(page: Page, name: str) -> None:
    page.fill("#id_login", name)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_selector("#id_code")
