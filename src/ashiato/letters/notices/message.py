"""What a notice says, ready for its channel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ashiato.exports.words import Language
from ashiato.letters.notices.matter import Channel, Style


@dataclass(frozen=True)
class Block:
    """One paragraph, and the rows that stand under it (names of fields; mostly none)."""

    text: str
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A headed part of a message. ``item``: what it is for (``advice``); ``heading`` may be empty."""

    item: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Message:
    """One message to one person.

    ``text``: the whole as plain text, which is what an SMS or a braille printer takes; ``html``: the same for
    mail, empty in other channels; ``parts``: the same for paper, where readings of characters may stand in
    the text as ``｜漢字《かんじ》``.
    """

    reference: str
    code: str
    channel: Channel
    language: Language
    style: Style
    subject: str
    parts: tuple[Part, ...]
    text: str
    html: str

    def sentences(self) -> Iterator[str]:
        """Every heading, paragraph and row in reading order."""
        for part in self.parts:
            if part.heading:
                yield part.heading
            for block in part.blocks:
                yield block.text
                yield from block.rows
