"""DOCX: paragraphs as running text, tables as rows of cells. Source: ECMA-376 part 1, WordprocessingML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ashiato.engine.exposures.objects.cells import LONGEST_CELL, Cell
from ashiato.engine.exposures.objects.readers.markup import walk

_STORIES = ("word/document.xml", "word/header", "word/footer", "word/footnotes.xml", "word/comments.xml")


@dataclass
class _Story:
    """What is gathered on the way through one part."""

    cells: list[Cell] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    first: int = 0
    is_text: bool = False
    row: list[tuple[str, int, int]] | None = None
    headers: list[str] = field(default_factory=list)
    unit: int = 0


def document_parts(names: set[str]) -> bool:
    """Tell whether a container with these members is a text document."""
    return "word/document.xml" in names


def read_document(parts: Mapping[str, bytes]) -> Iterator[tuple[str, Cell]]:
    """Yield the texts of a document, each with the name of the part that holds it."""
    unit = 1
    for name in sorted(part for part in parts if part.startswith(_STORIES) and part.endswith(".xml")):
        story = _Story(unit=unit)
        _walk(parts[name], story)
        yield from ((name, cell) for cell in story.cells)
        unit = story.unit + 1


def _walk(content: bytes, story: _Story) -> None:
    def begin(name: str, _: dict[str, str], place: int) -> None:
        if name == "tbl":
            story.headers = []
        elif name == "tr":
            story.row = []
            story.unit += 1
        elif name in ("tc", "p", "tab", "br"):
            _begin_text(story, name, place)
        story.is_text = name == "t"

    def end(name: str, place: int) -> None:
        story.is_text = False
        if name == "p" and story.row is None:
            _paragraph(story, place)
        elif name == "tc" and story.row is not None:
            story.row.append(("".join(story.texts), story.first, place))
            story.texts = []
        elif name == "tr" and story.row is not None:
            _row(story, story.row)
            story.row = None
        elif name == "tbl":
            story.unit += 1

    walk(content, begin, end, lambda text: story.texts.append(text) if story.is_text else None)


def _begin_text(story: _Story, name: str, place: int) -> None:
    if story.texts:
        story.texts.append(" ")
    elif name in ("tc", "p"):
        story.first = place


def _paragraph(story: _Story, place: int) -> None:
    text = "".join(story.texts).strip()
    story.texts = []
    if text:
        story.cells.append(Cell(story.unit, "", text[:LONGEST_CELL], story.first, place, is_text=True))


def _row(story: _Story, row: list[tuple[str, int, int]]) -> None:
    if not story.headers and len(row) > 2:
        story.headers = [text.strip() for text, _, _ in row]
        return
    # Rows of two are a label and its value.
    pairs = [(row[0][0].strip(), row[1])] if len(row) == 2 else list(zip(story.headers, row, strict=False))
    for header, (text, first, last) in pairs:
        if text.strip():
            story.cells.append(
                Cell(story.unit, header, text.strip()[:LONGEST_CELL], first, last, len(text) > 40)
            )
