"""A message as plain text: for mail, text messages, call scripts and braille printers."""

from __future__ import annotations

from collections.abc import Iterator

from ashiato.letters.notices.matter import Channel
from ashiato.letters.notices.message import Block, Part
from ashiato.letters.notices.readings import in_brackets


def plain_of(subject: str, parts: tuple[Part, ...], channel: Channel) -> str:
    """Return the whole text; a text message is its paragraphs alone, in one line."""
    if channel is Channel.SMS:
        return " ".join(block.text for part in parts for block in part.blocks)
    blocks = [subject, *(_part_text(part) for part in parts)]
    return "\n\n".join(map(in_brackets, blocks)) + "\n"


def _part_text(part: Part) -> str:
    heading = [f"■ {part.heading}"] if part.heading else []
    return "\n".join([*heading, *(line for block in part.blocks for line in _block_lines(block))])


def _block_lines(block: Block) -> Iterator[str]:
    yield block.text
    yield from (f"・{row}" for row in block.rows)
