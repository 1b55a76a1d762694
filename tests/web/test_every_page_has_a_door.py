"""Every page has a door; the console's words and pictures are whole in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from ashiato.exports.words import Language
from ashiato.rooms.cases.api import MAY, Permission, Role
from ashiato.web.console.doors import DOORS, LIBRARY_DOORS, Door
from ashiato.web.console.pages import PAGES
from ashiato.web.words import console_words
from tests.exports.test_words_agree_across_languages import leaves
from tests.house.source import ROOT

WEB = ROOT / "src" / "ashiato" / "web"


def pages(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Every page; the interface for programs has its own doors, and its own test of them."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from pages(entry) if entry.namespace != "api" else ()
        else:
            yield entry


@pytest.mark.parametrize("page", list(pages()), ids=lambda page: str(page.name))
def test_every_page_says_who_may_open_it(page: URLPattern) -> None:
    assert page.name
    assert (page.name in LIBRARY_DOORS) != (page.callback in DOORS)


def test_no_door_leads_nowhere() -> None:
    assert LIBRARY_DOORS.keys() <= {page.name for page in pages()}
    assert set(DOORS) == {page.callback for page in pages() if page.name not in LIBRARY_DOORS}


def test_every_permission_opens_something_and_every_role_is_named() -> None:
    assert {door for door in DOORS.values() if not isinstance(door, Door)} == set(Permission)
    assert set(MAY) == set(Role)
    assert set(PAGES.values()) <= set(Permission)


def test_console_words_agree_across_languages() -> None:
    ja, en = (dict(leaves(console_words(language).held)) for language in (Language.JA, Language.EN))
    assert ja.keys() == en.keys()
    for key, text in en.items():
        blanks = [sorted(name for _, name, _, _ in Formatter().parse(one) if name) for one in (text, ja[key])]
        assert blanks[0] == blanks[1], key


def test_templates_style_and_run_nothing_inline() -> None:
    for path in (WEB / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|\|safe\b|autoescape off", text), path
        assert not re.search(r"<script(?![^>]*(\ssrc=|application/json))", text), path
