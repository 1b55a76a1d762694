"""Take the pictures of the guides: the console over the demo's case, in Japanese and English.

``make demo``, then ``python -m docs.pictures demo/case``: it serves a copy of the case and a desk, signs in
with Debian's Chromium, plans notices and takes a call as the guides tell it, and writes docs/pictures/.
Everybody in them is made up.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState

from ashiato.letters.notices.codes import code_of, grouped
from tests.browser.browsing import DESK, chromium, join, window
from tests.browser.server import Server, serving

ROOT = Path(__file__).resolve().parents[1]
_PICTURES = ROOT / "docs" / "pictures"
_TEXT = ROOT / "examples" / "pet-insurer" / "notices.yaml"
_LANGUAGES = ("ja", "en")
#: Pages of a case that are shown as they open.
_PAGES = {
    name: "" if name == "overview" else f"{name}/"
    for name in ("overview", "runs", "pictures", "duties", "drafts", "notices", "evidence", "ledger")
}
#: The code that the scene of the desk gives Hanako's letter.
_CODE = code_of(b"k" * 32, "given to nobody")
#: A page has few colours: a picture of so many looks alike at half the length.
_COLOURS = 224
_PATIENCE_MS = 180_000


def main(case: Path) -> None:
    """Write every picture in both languages."""
    with tempfile.TemporaryDirectory() as kept, chromium() as browser:
        _show_case(browser, Path(kept), case)
        _show_desk(browser, Path(kept))


def _show_case(browser: Browser, kept: Path, case: Path) -> None:
    copied = kept / "case"
    shutil.copytree(case, copied)
    with serving(kept / "home") as server:
        state = _lead(browser, server, copied)
        for language in _LANGUAGES:
            with window(browser, server, DESK, language, state) as opened:
                page = opened.page
                opened.go("/cases/case/notices/plan/")
                _plan(page)
                _keep(page, "planning", language)
                for name, path in _PAGES.items():
                    opened.go(f"/cases/case/{path}")
                    page.wait_for_load_state("networkidle")
                    _keep(page, name, language)
                opened.go("/cases/case/people/")
                page.click("table a >> nth=0")
                _keep(page, "person", language)


def _plan(page: Page) -> None:
    """Plan notices to their waves, as the guide tells it."""
    page.set_input_files("#matter", _TEXT)
    page.click("form[action$='/text/'] button")
    page.click("button[value=plan]")
    page.wait_for_selector("#counted", timeout=_PATIENCE_MS)
    page.fill("#agents", "2")
    page.fill("#begins", "2026-12-01")
    page.click("form[action$='/waves/'] button")
    page.wait_for_selector("[data-over] a[href$='/notices/']", timeout=_PATIENCE_MS)
    page.wait_for_load_state("networkidle")


def _show_desk(browser: Browser, kept: Path) -> None:
    case = kept / "calls" / "case"
    with serving(kept / "other") as server:
        said = [sys.executable, "-m", "tests.browser.desk_scene", str(server.home), str(case)]
        subprocess.run(said, check=True, cwd=ROOT)  # noqa: S603 - our own program
        state = _lead(browser, server, case)
        for language in _LANGUAGES:
            with window(browser, server, DESK, language, state) as opened:
                page = opened.page
                opened.go("/cases/case/desk/")
                _keep(page, "desk", language)
                page.fill("#caller", "03-1234-5678")
                page.press("#caller", "Enter")
                page.wait_for_url("**/desk/*/")
                _keep(page, "desk_unknown", language)
                page.fill("#code", grouped(_CODE))
                page.fill("#fact_born", "昭和55年4月5日")
                page.fill("#fact_phone", "090-1234-5678")
                page.press("#fact_phone", "Enter")
                page.wait_for_load_state("networkidle")
                _keep(page, "desk_verified", language)


def _lead(browser: Browser, server: Server, case: Path) -> StorageState:
    with window(browser, server, DESK, "ja") as opened:
        join(opened, "aoi")
        server.run("staff", "role", str(case), "aoi", "lead")
        return opened.page.context.storage_state()


def _keep(page: Page, name: str, language: str) -> None:
    """Write what the window shows, in few colours."""
    page.wait_for_load_state()
    shown = Image.open(io.BytesIO(page.screenshot()))
    ending = "" if language == "en" else f".{language}"
    few = shown.convert("RGB").quantize(_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(_PICTURES / f"{name}{ending}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
