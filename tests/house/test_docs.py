"""Pages that say what the code says are made from it; nothing that exists goes without a word."""

from __future__ import annotations

import pytest

from ashiato.engine.tables import ALL_TABLES
from ashiato.terms.reasons import ReasonCode
from docs.generate import PAGES, read_words
from tests.house.source import ROOT


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_reference_page_is_what_the_code_makes(name: str) -> None:
    written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), "run `make docs`"


def test_no_reference_page_is_left_over() -> None:
    assert {path.name for path in (ROOT / "docs" / "reference").glob("*.md")} == set(PAGES)


def test_every_column_has_a_meaning_and_no_other_word_has() -> None:
    assert set(read_words("columns")) == {name for table in ALL_TABLES for name in table.columns}


def test_the_semantics_page_explains_every_reason_code() -> None:
    page = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
    assert not [code for code in ReasonCode if f"`{code}`" not in page]


def test_every_make_target_says_what_it_does() -> None:
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    phony = next(line for line in lines if line.startswith(".PHONY")).split()[1:]
    inner = {"lint", "types", "layers", "licences", "quick"}
    described = {line.split(":")[0] for line in lines if ":" in line and " ## " in line}
    assert set(phony) - inner == described
