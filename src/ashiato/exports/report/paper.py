"""report.pdf: the report on A4, both languages, dated by the newest event."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

from ashiato.exports.facts import Facts
from ashiato.exports.report.contents import contents_of
from ashiato.exports.report.grid import Grid
from ashiato.exports.typesetting import typeset
from ashiato.exports.whole import whole_file
from ashiato.exports.words import Language


def write_paper(facts: Facts, folder: Path, first: Language) -> Path:
    """Write ``report.pdf``, beginning with the language ``first``."""
    path = folder / "report.pdf"
    with whole_file(path) as file:
        file.write(render_paper(facts, first))
    return path


def render_paper(facts: Facts, first: Language) -> bytes:
    """Return the PDF."""
    languages = sorted(Language, key=lambda language: language is not first)
    parts = [contents_of(facts, language) for language in languages]
    contents = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=_plain)
    source = files(__package__ or "").joinpath("paper.typ").read_bytes()
    return typeset(source, contents, facts.as_of_us)


def _plain(value: object) -> dict[str, object]:
    if isinstance(value, Grid):
        return asdict(value)
    message = f"{type(value).__name__} is not part of a report"
    raise TypeError(message)
