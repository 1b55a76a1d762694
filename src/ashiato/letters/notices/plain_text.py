"""A message as plain text: for mail, text messages, call scripts and braille printers."""

from __future__ import annotations

from ashiato.exports.words import Language
from ashiato.letters.notices.matter import Channel
from ashiato.letters.notices.message import Part
from ashiato.letters.notices.readings import in_brackets

_BULLET = {Language.JA: "・", Language.EN: "- "}


def plain_of(subject: str, parts: tuple[Part, ...], channel: Channel, language: Language) -> str:
    """Return the whole text; a text message is its paragraphs alone, in one line."""
    if channel is Channel.SMS:
        return " ".join(block.text for part in parts for block in part.blocks)
    blocks = [subject, *(_part_text(part, _BULLET[language]) for part in parts)]
    return in_brackets("\n\n".join(blocks)) + "\n"


def _part_text(part: Part, bullet: str) -> str:
    lines = [f"■ {part.heading}"] if part.heading else []
    for block in part.blocks:
        lines.append(block.text)
        lines.extend(f"{bullet}{row}" for row in block.rows)
    return "\n".join(lines)
