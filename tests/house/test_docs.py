"""Pages that say what the code says are made from it; nothing that exists goes without a word."""

from __future__ import annotations

import re
from functools import cache
from types import ModuleType

import pytest

from ashiato.engine.pipeline import STAGES
from ashiato.engine.tables import ALL_TABLES
from ashiato.terms.reasons import ReasonCode
from docs.generate import PAGES, list_commands, read_words
from docs.reason_examples import PAGE as EXAMPLES
from tests.house.source import ROOT

GUIDES = [
    "README.md",
    "README.ja.md",
    *(f"docs/guides/{path.name}" for path in sorted(ROOT.glob("docs/guides/*.md"))),
]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_reference_page_is_what_the_code_makes(name: str) -> None:
    written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), "run `make docs`"


def test_no_reference_page_is_left_over() -> None:
    assert {path.name for path in (ROOT / "docs" / "reference").glob("*.md")} == {*PAGES, EXAMPLES.name}


def test_every_column_has_a_meaning_and_no_other_word_has() -> None:
    assert set(read_words("columns")) == {name for table in ALL_TABLES for name in table.columns}


@pytest.mark.parametrize(("name", "stage"), STAGES, ids=[name for name, _ in STAGES])
def test_the_architecture_names_what_a_stage_reads_and_writes(name: str, stage: ModuleType) -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if line.startswith(f"| {name} |"))
    reads, writes = row.split("|")[3:5]
    assert set(re.findall(r"`(\w+)`", reads)) == {table.name for table in stage.READS}
    assert set(re.findall(r"`(\w+)`", writes)) == {table.name for table in stage.WRITES}


def test_the_semantics_page_explains_every_reason_code() -> None:
    page = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
    assert not [code for code in ReasonCode if f"`{code}`" not in page]


@cache
def _verbs() -> dict[str, str]:
    """The commands that do something, with their help: groups are left out."""
    commands = list_commands()
    groups = {name for name in commands for other in commands if other.startswith(f"{name} ")}
    return {name: text for name, text in commands.items() if name not in groups}


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_every_command_is_in_both_readmes(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert not [name for name in _verbs() if name not in text]


def _examples(page: str) -> list[str]:
    """The lines of a page that call the program, without their remarks."""
    lines = (line.removeprefix("$ ") for line in (ROOT / page).read_text(encoding="utf-8").splitlines())
    return [line.split(" #")[0].strip() for line in lines if line.startswith("ashiato ")]


@pytest.mark.parametrize("page", GUIDES)
def test_every_example_uses_options_that_exist(page: str) -> None:
    verbs = _verbs()
    for example in _examples(page):
        verb = next((name for name in verbs if f"{example} ".startswith(f"{name} ")), None)
        assert verb, f"{page}: no such command: {example}"
        for option in re.findall(r"(?<=\s)--?[a-z][a-z-]*", example):
            assert option in verbs[verb], f"{page}: {example}"


def test_every_command_teaches_with_an_example() -> None:
    assert not [name for name, text in _verbs().items() if "Example" not in text]


def test_every_make_target_says_what_it_does() -> None:
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    phony = next(line for line in lines if line.startswith(".PHONY")).split()[1:]
    inner = {"lint", "types", "layers", "licences", "quick"}
    described = {line.split(":")[0] for line in lines if ":" in line and " ## " in line}
    assert set(phony) - inner == described
