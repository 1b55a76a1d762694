"""What we ship names no machine of ours, and what we promise in words is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT, tracked_files

_TEXT = {".py", ".md", ".toml", ".yml", ".yaml", ".json", ".sh", ".svg", ".typ", ".html", ".j2", ".css", ""}
_MACHINE = re.compile(
    r"/home/[a-z]|/Users/[A-Za-z]|/root/|/w[o]rk/|/t[m]p/[a-z]|/f[a]rm/|f[a]rm-(?:studio|bench)|sub[a]gent"
)
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
_FOREIGN = ("uv.lock", "LICENSE", "examples/", "tests/", "docs/reference/")
REQUIRED = [
    "README.md",
    "README.ja.md",
    "ARCHITECTURE.md",
    "GLOSSARY.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "LICENSE",
    "Makefile",
    ".importlinter",
    ".ci/run",
    "pyproject.toml",
    "uv.lock",
]


def _texts() -> list[Path]:
    return [path for path in tracked_files() if path.suffix in _TEXT and path.stat().st_size < 3_000_000]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_names_a_machine_of_ours() -> None:
    found = []
    for path in _texts():
        if _name(path).startswith(_FOREIGN):
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if _MACHINE.search(line) and not line.startswith("#!"):
                found.append(f"{_name(path)}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", REQUIRED)
def test_every_promised_file_of_the_house_is_there(name: str) -> None:
    assert (ROOT / name).stat().st_size > 40


def test_no_shipped_file_is_larger_than_three_megabytes() -> None:
    assert not [_name(path) for path in tracked_files() if path.stat().st_size > 3 * 1024 * 1024]


def _broken_links(page: Path) -> list[str]:
    targets = _LINK.findall(page.read_text(encoding="utf-8"))
    return [f"{_name(page)} -> {target}" for target in targets if not (page.parent / target).exists()]


def test_every_link_between_our_pages_leads_somewhere() -> None:
    pages = [path for path in tracked_files() if path.suffix == ".md"]
    assert not [broken for page in pages for broken in _broken_links(page)]
