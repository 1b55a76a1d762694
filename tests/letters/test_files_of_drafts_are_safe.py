from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import docx
import pypdf
import pytest

from ashiato.exports.facts import Bounds
from ashiato.exports.words import Language
from ashiato.letters.changes import with_changes
from ashiato.letters.document import Document
from ashiato.letters.paper import render_paper
from ashiato.letters.word_file import render_word
from ashiato.letters.writing import write_draft
from tests.letters.matters import drafted, found, known

MADE = datetime(2026, 6, 30, tzinfo=UTC)
#: Markup of pages, of Typst and of Word; a control byte; a mark that turns the direction of text.
HOSTILE = '<w:b/>&amp; #panic("x") $ @x {text.cause} =1+1 \x07 \u202e abc </script> \\ `'


def _texts(word: bytes) -> str:
    file = docx.Document(io.BytesIO(word))
    cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in file.paragraphs), *cells])


def _paper_text(paper: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper)).pages)


@pytest.fixture(scope="module")
def hostile() -> Document:
    """A draft of which the diary and the logs are hostile."""
    diary = known(
        ("2026-06-26", f"leak: leak_possible, text.cause: {json.dumps(HOSTILE[:-1].replace(chr(7), ''))}")
    )
    return drafted("ppc-final", diary, facts=found(Bounds(2, 5), title=f"Search for paths from {HOSTILE}"))


def test_hostile_text_is_shown_and_does_nothing(hostile: Document) -> None:
    told = _texts(render_word(hostile, MADE))
    assert '#panic("x")' in told
    assert "\\u0007" in told
    assert "\\u202e" in told
    assert "\u202e" not in told
    assert "#panic" in _paper_text(render_paper(hostile, MADE, final=False))


def test_names_in_hostile_text_are_not_filled_in(hostile: Document) -> None:
    (cause,) = (line.text for line in hostile.lines() if line.key == "cause")
    assert cause is not None
    assert "{text.cause}" in cause


@pytest.mark.parametrize("language", Language)
def test_blanks_are_marked_in_every_file(language: Language, tmp_path: Path) -> None:
    document = drafted("announcement-1", known(), language=language)
    mark = "要記入" if language is Language.JA else "to be filled in"
    word, paper, plain = write_draft(document, MADE, tmp_path / "out", final=False)
    assert (
        _texts(word.read_bytes()).count(f"【{mark}" if language is Language.JA else f"[{mark}")
        == document.blanks
    )
    assert mark in "".join(page.extract_text() for page in pypdf.PdfReader(paper).pages)
    assert json.loads(plain.read_text())["blanks"] == document.blanks
    assert {path.stat().st_mode & 0o777 for path in (word, paper, plain)} == {0o600}


def test_the_same_draft_gives_the_same_bytes(tmp_path: Path) -> None:
    before, now = (
        drafted("board", known(("2026-06-28", "people: {exact: 7}")), as_of=d)
        for d in ("2026-06-26", "2026-06-29")
    )
    document = with_changes(now, before)
    first, second = (write_draft(document, MADE, tmp_path / name, final=False) for name in ("one", "two"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    names = zipfile.ZipFile(first[0]).infolist()
    assert {each.date_time for each in names} == {(1980, 1, 1, 0, 0, 0)}


def test_a_final_page_carries_no_marks_of_a_draft() -> None:
    document = drafted("board", known(("2026-06-28", "people: {exact: 7}")), language=Language.EN)
    pages = {final: _paper_text(render_paper(document, MADE, final=final)) for final in (True, False)}
    assert "Grounds" in pages[False]
    assert "Grounds" not in pages[True]
    assert "[1]" not in pages[True]
    assert "7 people" in pages[True]
