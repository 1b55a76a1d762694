"""Journeys of the people affected in a real browser: by hand, by keyboard, in three voices, on a phone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ashiato.bundle.intake import Kind, letters_in, open_letter
from ashiato.public.addresses import PAGES
from tests.public.browsing import BUILT, browsing, is_too_wide, violations
from tests.public.site import DAN, Site, command, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Pages with a list of leaked passwords."""
    home = tmp_path_factory.mktemp("visited") / "home"
    home.mkdir()
    leaked = hashlib.sha1(b"password").hexdigest().upper()  # noqa: S324 - the list's own hash
    (home / "leaked.txt").write_text(f"{leaked}:10\n", "ascii")
    with serving(home, leaked_passwords="leaked.txt") as served:
        yield served


def _at(site: Site, path: str) -> str:
    return f"http://127.0.0.1:{site.port}{path}"


@pytest.mark.parametrize("voice", ["/", "/easy/", "/en/"])
def test_every_page_is_fit_for_everybody(visited: Site, voice: str) -> None:
    with browsing() as (page, wrong):
        for path in PAGES.values():
            page.goto(_at(visited, voice + path))
            assert not violations(page), path
            assert not is_too_wide(page), path
            assert page.locator("h1").count() == 1
        assert not wrong


def test_a_code_is_checked_by_keyboard_alone_and_without_scripts(visited: Site) -> None:
    with browsing(scripts=False) as (page, wrong):
        page.goto(_at(visited, "/check/"))
        page.locator("#asked").focus()
        page.keyboard.type("4839-2017-4627")
        page.keyboard.press("Enter")
        page.wait_for_selector(".answer.genuine")
        assert "当社のお知らせです" in page.inner_text(".answer")
        assert not wrong


def test_own_fields_are_shown_with_and_without_telling_the_site(visited: Site) -> None:
    if not [*BUILT.glob("private-*.js")]:
        pytest.skip("the front end is not built: scripts/setup")
    with browsing() as (page, wrong):
        page.goto(_at(visited, "/mine/"))
        page.fill("#own-code", DAN)
        page.fill("#own-contact", "160-0000")
        page.click("#own button")
        page.wait_for_selector(".own-found")
        openly = page.locator(".own-found li").all_inner_texts()
        assert openly == ["お名前", "ご住所", "口座情報"]
        assert not violations(page)

        page.goto(_at(visited, "/mine/"))
        sent: list[str] = []
        page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
        page.fill("#own-code", "４８３９２０１７４６２７")
        page.fill("#own-contact", "〒160-0000")
        page.check("#privately")
        page.click("#own button")
        page.wait_for_selector("#own-answer .own-found")
        assert page.locator("#own-answer li:visible").all_inner_texts() == openly
        assert not [each for each in sent if DAN in each or "1600000" in each or "160-0000" in each]
        assert not violations(page)

        page.fill("#own-contact", "160-0001")
        page.click("#own button")
        page.wait_for_selector("#own-answer .own-nothing")
        assert not wrong


def test_a_contact_is_asked_about_and_reaches_the_console(visited: Site, tmp_path: Path) -> None:
    with browsing() as (page, wrong):
        page.goto(_at(visited, "/easy/mine/"))
        page.click("a.door")
        page.fill("#contact", "dan@example.jp")
        page.click("form button")
        page.wait_for_selector("p[role=status]")
        assert not violations(page)
        assert not wrong
    command("public", "hand-over", "--home", str(visited.home), "--to", str(tmp_path / "letters"))
    opened = [open_letter(visited.keys, each) for each in letters_in((tmp_path / "letters").read_bytes())]
    assert (Kind.CONTACT_CHECK, {"contact": "dan@example.jp", "voice": "easy"}) in opened


def test_a_fault_is_where_the_eye_and_the_reader_go(visited: Site) -> None:
    with browsing() as (page, _):
        page.goto(_at(visited, "/en/call-back/"))
        page.fill("#phone", "110")
        page.click("form button")
        page.wait_for_selector("#faults")
        assert page.evaluate("document.activeElement.id") == "faults"
        assert not violations(page)
        page.click("#faults a >> nth=0")
        assert page.evaluate("document.activeElement.id") == "phone"


def test_a_password_is_looked_up_and_sent_nowhere(visited: Site) -> None:
    with browsing() as (page, wrong):
        sent: list[str] = []
        page.goto(_at(visited, "/en/passwords/"), wait_until="networkidle")
        page.on("request", lambda request: sent.append(request.url))
        for tried, says in (("password", "is known to be leaked"), ("another one 7", "not in the list")):
            page.fill("#tried", tried)
            page.click("#leak button")
            page.wait_for_function(
                "says => document.getElementById('leak-answer').textContent.includes(says)", arg=says
            )
        assert [len(each.rpartition("/")[2]) for each in sent] == [5, 5]
        assert not violations(page)
        assert not wrong
