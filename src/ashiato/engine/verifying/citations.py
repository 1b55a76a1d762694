"""Cited bytes read again from a sealed file, each with the line number that counting newlines gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO

from ashiato.engine.sealed import TruncatedContent

_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, order=True)
class Citation:
    """A record's place as a table has it: bytes from ``byte_first`` up to, not including, ``byte_last``."""

    byte_first: int
    byte_last: int
    line_first: int
    line_last: int
    #: An element of a JSON array, numbered as such: it need not begin a line.
    is_element: bool = False


@dataclass
class Passage:
    """What stands at a citation's bytes: the text, and the lines it really begins and ends on."""

    citation: Citation
    text: bytes = b""
    line_first: int = 0
    begins_line: bool = False

    @property
    def line_last(self) -> int:
        """The line on which the text ends."""
        return self.line_first + self.text.count(b"\n")

    @property
    def fault(self) -> str | None:
        """What is wrong with the citation, if anything is."""
        cited = self.citation
        if len(self.text) != cited.byte_last - cited.byte_first:
            return "the file ends before the cited bytes"
        if cited.is_element:
            return None if self.text.startswith((b"{", b"**\x00\x00")) else "the cited bytes are no element"
        if not self.begins_line:
            return "the cited bytes do not begin a line"
        if (self.line_first, self.line_last) != (cited.line_first, cited.line_last):
            return f"the cited bytes are on lines {self.line_first}-{self.line_last}"
        return None


@dataclass
class Excerpt:
    """The beginning of a file, by lines, and the passages cited from it."""

    head_lines: int
    head: bytes = b""
    passages: list[Passage] = field(default_factory=list)


def read_excerpt(stream: BinaryIO, citations: Iterable[Citation], head_lines: int) -> Excerpt:
    """Read a file once, to its end or its break, and return what is cited from it."""
    excerpt = Excerpt(head_lines, passages=[Passage(citation) for citation in sorted(set(citations))])
    start, lines, before = 0, 0, b"\n"
    while piece := _read(stream):
        excerpt.head += _head_part(piece, head_lines - lines)
        for passage in excerpt.passages:
            _take(passage, piece, start, lines, before)
        start += len(piece)
        lines += piece.count(b"\n")
        before = piece[-1:]
    return excerpt


def _read(stream: BinaryIO) -> bytes:
    try:
        return stream.read(_PIECE_BYTES)
    except TruncatedContent:
        return b""


def _head_part(piece: bytes, wanted: int) -> bytes:
    """Return as much of the piece as holds the next ``wanted`` lines."""
    if piece.count(b"\n") < wanted:
        return piece
    end = 0
    for _ in range(wanted):
        end = piece.index(b"\n", end) + 1
    return piece[:end]


def _take(passage: Passage, piece: bytes, start: int, lines: int, before: bytes) -> None:
    first, last = passage.citation.byte_first - start, passage.citation.byte_last - start
    if 0 <= first < len(piece):
        passage.line_first = lines + piece.count(b"\n", 0, first) + 1
        passage.begins_line = (piece[first - 1 : first] if first else before) == b"\n"
    if first < len(piece) and last > 0:
        passage.text += piece[max(0, first) : last]
