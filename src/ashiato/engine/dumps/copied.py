"""Rows of PostgreSQL's COPY blocks. Source: PostgreSQL 17 manual, COPY, text format, read 2026-11-22."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ashiato.engine.dumps.lines import Lines

COPY = re.compile(
    rb"""COPY\s+(?P<table>(?:"(?:[^"]|"")+"|[^\s"(])+)   # schema.table, either part quoted or not
         \s*\((?P<columns>.*)\)\s+FROM\s+stdin;\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
_ESCAPE = re.compile(rb"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def copied_rows(lines: Lines) -> Iterator[tuple[str | None, ...]]:
    """Yield the rows of one COPY block, up to its closing line."""
    for line in lines:
        text = line.rstrip(b"\r\n")
        if text == b"\\.":
            return
        yield tuple(None if cell == b"\\N" else _unescaped(cell) for cell in text.split(b"\t"))
    raise lines.broken_off()


def _unescaped(cell: bytes) -> str:
    return (_ESCAPE.sub(_unescape_one, cell) if b"\\" in cell else cell).decode("utf-8", "replace")


def _unescape_one(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if code[:1] == b"x" and len(code) > 1:
        return bytes([int(code[1:], 16)])
    if code[:1].isdigit() and code[0] < ord("8"):
        return bytes([int(code, 8) & 0xFF])
    return _ESCAPED.get(code, code)
