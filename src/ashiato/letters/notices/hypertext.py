"""A message as HTML for mail: text alone, no link, no picture, nothing fetched from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ashiato.exports.words import Language
from ashiato.letters.notices.message import Block, Part

_STYLE = "font-family:sans-serif;font-size:16px;line-height:1.7;max-width:42em;color:#17222e"


def hypertext_of(subject: str, parts: tuple[Part, ...], language: Language) -> str:
    """Return a whole page whose every text is escaped."""
    body = "".join(piece for part in parts for piece in _pieces(part))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="format-detection" content="telephone=no,address=no,email=no">'
        f"<title>{escape(subject)}</title></head>"
        f'<body style="{_STYLE}"><h1 style="font-size:20px">{escape(subject)}</h1>{body}</body></html>\n'
    )


def _pieces(part: Part) -> Iterator[str]:
    if part.heading:
        yield f'<h2 style="font-size:17px">{escape(part.heading)}</h2>'
    for block in part.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    yield f"<p>{escape(block.text)}</p>"
    if block.rows:
        yield f"<ul>{''.join(f'<li>{escape(row)}</li>' for row in block.rows)}</ul>"
