"""A real browser in front of the pages: Debian's Chromium, at a phone's size, that notes what goes wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
BUILT = ROOT / "src" / "ashiato" / "web" / "static" / "built"
_HEIGHT = 844
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def browsing(width: int = 390, *, scripts: bool = True) -> Iterator[tuple[Page, list[str]]]:
    """Give a page of a browser, and the list of what its console complained of."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium: apt-get install --no-install-recommends chromium")
    with sync_playwright() as played:
        browser = played.chromium.launch(executable_path=program, args=["--no-sandbox"])
        size = ViewportSize(width=width, height=_HEIGHT)
        page = browser.new_page(viewport=size, java_script_enabled=scripts)
        wrong: list[str] = []
        page.on(
            "console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("requestfailed", lambda request: wrong.append(request.url))
        try:
            yield page, wrong
        finally:
            browser.close()


def violations(page: Page) -> list[str]:
    """Run axe-core once the page is whole; returns each rule that is broken, and where."""
    if not AXE.is_file():
        pytest.skip("no axe-core: scripts/setup")
    page.wait_for_load_state()
    page.evaluate(AXE.read_text("utf-8"))
    said: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", _RULES
    )
    return [f"{each['id']}: {node['target']}" for each in said["violations"] for node in each["nodes"]]


def is_too_wide(page: Page) -> bool:
    """Whether a reader has to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
