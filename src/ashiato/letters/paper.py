"""A draft as a PDF: the same bytes for the same draft."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.resources import files

from ashiato.exports.typesetting import typeset
from ashiato.exports.words import Language
from ashiato.letters.document import Document, Line
from ashiato.letters.numbering import GroundNumbers
from ashiato.letters.phrases import phrase

_SAID = (
    "draft",
    "doubts",
    "no_changes",
    "line_head",
    "before",
    "after",
    "grounds",
    "number",
    "what",
    "where",
    "sure",
)


def render_paper(document: Document, made: datetime, *, final: bool) -> bytes:
    """Return the PDF dated ``made``; ``final``: without grounds, changes and the mark of a draft."""
    contents = json.dumps(_contents(document) | {"final": final}, ensure_ascii=False, sort_keys=True)
    source = files(__package__ or "").joinpath("draft.typ").read_bytes()
    return typeset(source, contents, int(made.timestamp() * 1_000_000))


def _contents(document: Document) -> dict[str, object]:
    language = Language(document.language)
    numbers = GroundNumbers(document)
    blank = phrase("blank_before", language)
    return {
        "title": document.title,
        "purpose": document.purpose,
        "language": document.language,
        "blanks": document.blanks,
        "since": document.since,
        "doubts": document.doubts,
        "say": _frame(document, language),
        "changes": [(each.label, each.before or blank, each.after or blank) for each in document.changes],
        "sections": [
            {
                "heading": section.heading,
                "style": section.style,
                "lines": [_line(line, numbers, language) for line in section.lines],
            }
            for section in document.sections
        ],
        "grounds": [(str(number), each.what, each.where, each.sure) for each, number in numbers.all()],
    }


def _frame(document: Document, language: Language) -> dict[str, str]:
    said = {key: phrase(key, language) for key in _SAID}
    return {
        **said,
        "as_of": phrase("as_of", language, at=document.as_of),
        "blanks_left": phrase("blanks_left", language, number=document.blanks),
        "changes": phrase("changes", language, at=document.since),
    }


def _line(line: Line, numbers: GroundNumbers, language: Language) -> dict[str, object]:
    blank = phrase("to_write", language, label=line.label)
    return {"label": line.label, "text": line.text, "blank": blank, "marks": numbers.marks(line)}
