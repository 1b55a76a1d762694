"""Guides lead where they say; every picture is shown in its language, and every role has its part."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ashiato.rooms.cases.roles import Role
from tests.house.source import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_FENCED = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SHOWN = re.compile(r"!\[[^\]]+\]\(\S*pictures/([^)]+)\)")


def _words(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _anchors(page: Path) -> set[str]:
    """The names of a page's headings, as a forge makes them."""
    heads = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", _words(page), flags=re.DOTALL), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", head)) for head in heads)
    return {head.strip().lower().replace(" ", "-") for head in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for link in _LINK.findall(_FENCED.sub("", _words(page))):
        path, _, anchor = link.partition("#")
        if "://" in path or path.startswith("mailto:"):
            continue
        target = (page.parent / path).resolve() if path else page
        is_heading = anchor and target.suffix == ".md"
        if not target.exists() or (is_heading and anchor not in _anchors(target)):
            lost.append(link)
    assert not lost


def test_every_picture_is_shown_in_its_language() -> None:
    taken = {path.name for path in (ROOT / "docs" / "pictures").glob("*.png")}
    shown: dict[bool, set[str]] = {True: set(), False: set()}
    for page in PAGES:
        shown[".ja" in page.name] |= set(_SHOWN.findall(_words(page)))
    assert shown[True] == {name for name in taken if name.endswith(".ja.png")}
    assert shown[False] == {name.replace(".ja.png", ".png") for name in shown[True]}
    assert taken == shown[True] | shown[False]


@pytest.mark.parametrize("name", ["roles.md", "roles.ja.md"])
def test_every_role_has_its_part_with_a_picture(name: str) -> None:
    page = ROOT / "docs" / "guides" / name
    table, *parts = _words(page).split("\n## ")
    pictured = [part for part in parts if "pictures/" in part]
    # A client's reader has no seat: what is theirs is a package.
    named = [role for role in Role if role is not Role.CLIENT and f"{role}" in table]
    assert len(pictured) == len(named) == len(Role) - 1
