"""JSON and JSON lines: every scalar with its bytes; a unit is an element of the outermost list of objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from ashiato.engine.exposures.objects.cells import LONGEST_CELL, Cell, UnreadableError

_TOKEN = re.compile(rb'[\s,:]*+(?:("(?:[^"\\]|\\.)*+")|([{}\[\]])|([^\s,:"{}\[\]]++))', re.DOTALL)
_DEEPEST = 200


@dataclass
class _Level:
    """One open bracket: whether a list, the key waiting for its value, the names on the way here."""

    is_list: bool
    name: str
    unit: int
    is_outer: bool = False
    key: str | None = None


def read_json(content: bytes) -> Iterator[Cell]:
    """Yield every scalar of a JSON text; text that breaks off gives what came before.

    Raises: UnreadableError: nested too deeply.
    """
    levels: list[_Level] = []
    is_document = not _has_lines(content)
    units, place = 0, 3 if content.startswith(b"\xef\xbb\xbf") else 0
    while found := _TOKEN.match(content, place):
        place = found.end()
        top = levels[-1] if levels else None
        if found[2] in (b"{", b"["):
            if len(levels) > _DEEPEST:
                raise UnreadableError("nested-too-deeply")
            is_outer = top is None and is_document
            unit = top.unit if top else 0
            if found[2] == b"{" and (top is None or (top.is_list and (unit == 0 or top.is_outer))):
                # Lines of their own, or elements of a list that is in no element itself.
                units += 1
                unit = units
            is_outer = is_outer or (top is not None and top.is_outer and not top.is_list)
            levels.append(_Level(found[2] == b"[", _name_of(top), unit, is_outer))
            _done(top)
        elif found[2]:
            if levels:
                levels.pop()
        elif top is not None and not top.is_list and top.key is None and found[1]:
            top.key = _text_of(found[1])
        else:
            raw = found[1] or found[3]
            first = found.start(1) + 1 if found[1] else found.start(3)
            last = found.end(1) - 1 if found[1] else found.end(3)
            text = _text_of(raw) if found[1] else raw.decode("utf-8", "replace")
            if text.strip() and text not in ("null", "true", "false"):
                unit = top.unit if top else 0
                yield Cell(unit or 1, _name_of(top), text[:LONGEST_CELL], first, last, is_text=len(text) > 40)
            _done(top)
    yield from _torn(content, place, levels)


def _has_lines(content: bytes) -> bool:
    """Tell whether each line is an object of its own."""
    first = content.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0].strip()
    try:
        return isinstance(orjson.loads(first), dict) and content.strip().count(b"\n") > 0
    except orjson.JSONDecodeError:
        return False


def _torn(content: bytes, place: int, levels: list[_Level]) -> Iterator[Cell]:
    """The value in which the text breaks off, as far as it goes."""
    rest = content[place:].lstrip(b" \t\r\n,:")
    top = levels[-1] if levels else None
    if top is not None and rest.startswith(b'"') and (top.is_list or top.key is not None):
        inside = re.sub(rb"\\(?:u[0-9a-fA-F]{0,3})?$", b"", rest[1:])
        text = _text_of(b'"' + inside + b'"')
        if text.strip():
            yield Cell(top.unit or 1, _name_of(top), text, len(content) - len(rest) + 1, len(content))


def _name_of(level: _Level | None) -> str:
    if level is None:
        return ""
    if level.is_list or level.key is None:
        return level.name
    return f"{level.name}.{level.key}" if level.name else level.key


def _done(level: _Level | None) -> None:
    if level is not None:
        level.key = None


def _text_of(raw: bytes) -> str:
    try:
        return str(orjson.loads(raw))
    except orjson.JSONDecodeError:
        return raw[1:-1].decode("utf-8", "replace")
