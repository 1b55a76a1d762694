"""A draft as an edition: what may be approved, the text that is approved, and that text read again."""

from __future__ import annotations

import json
from typing import Any

from ashiato.exports.cell import show
from ashiato.letters.document import Document, Ground, Line, Section, Style
from ashiato.terms.errors import LawError


def refuse_unsettled(document: Document) -> None:
    """Refuse what is not whole, or says what cannot be true together."""
    if document.blanks:
        left = ", ".join(line.label for line in document.lines() if line.is_blank)
        raise LawError(
            f"{document.blanks} lines are still to be filled in: {left}",
            fix="note them in the diary (`text.*` facts), or fill in the Word file and make the PDF from it",
        )
    if document.doubts:
        raise LawError(" ".join(document.doubts), fix="settle it in the diary of facts, then draft anew")


def edition_text(document: Document) -> str:
    """Return what is approved of a draft: every line with its grounds, the same text for the same draft.

    What it says of an earlier draft is not part of it.
    """
    plain = document.as_json() | {"purpose": document.purpose}
    told = {name: value for name, value in plain.items() if name not in ("since", "changes")}
    return show(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)) + "\n"


def read_edition_text(text: str) -> Document:
    """Return the draft an edition's text was made from; lists stand as forms."""
    plain = json.loads(text)
    sections = tuple(
        Section(each["heading"], Style.FORM, tuple(_line(line) for line in each["lines"]))
        for each in plain["sections"]
    )
    named = {name: plain[name] for name in ("kind", "language", "title", "purpose", "as_of")}
    return Document(**named, sections=sections, doubts=tuple(plain["doubts"]))


def _line(plain: dict[str, Any]) -> Line:
    grounds = tuple(Ground(**each) for each in plain["grounds"])
    return Line(plain["key"], plain["label"], plain["text"], grounds)
