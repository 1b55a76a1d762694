"""A draft's files in one folder: Word to be edited, PDF to be read, JSON for machines."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ashiato.exports.whole import whole_file, write_json
from ashiato.letters.document import Document
from ashiato.letters.paper import render_paper
from ashiato.letters.word_file import render_word


def write_draft(document: Document, made: datetime, folder: Path, *, final: bool) -> list[Path]:
    """Write ``<kind>.<language>.docx``, ``.pdf`` and ``.json``; return their paths.

    ``final``: the PDF carries no marks of a draft; the other two always name their grounds.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{document.kind}.{document.language}"
    word, paper = folder / f"{name}.docx", folder / f"{name}.pdf"
    for path, content in (
        (word, render_word(document, made)),
        (paper, render_paper(document, made, final=final)),
    ):
        with whole_file(path) as file:
            file.write(content)
    return [word, paper, write_json(folder / f"{name}.json", document.as_json())]
