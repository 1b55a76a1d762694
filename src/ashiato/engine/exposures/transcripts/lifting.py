"""Payloads gathered by shape: numbers and strings lifted out, quotes and brackets closed."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<text>'(?:[^'\\]|''|\\.)*+(?:'|\Z) | "(?:[^"\\]|""|\\.)*+(?:"|\Z))   # a string, maybe unclosed
    | (?P<name>`[^`]*+(?:`|\Z))                                               # a quoted name
    | (?P<version>/\*!\d*|\*/)                                                # MySQL runs what is inside
    | (?P<note>/\*.*?(?:\*/|\Z) | --[^\n]* | \#[^\n]*)                        # a comment
    | (?P<hex>0[xX][0-9A-Fa-f]+)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<word>@{0,2}[^\W\d][\w$]*)
    | (?P<space>\s+)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "b": "\b", "Z": "\x1a"}
_BACKSLASH = re.compile(r"\\(.)", re.DOTALL)
_NUMBER_MARK = "7{:05d}7"
_TEXT_MARK = "'p{:05d}p'"
_MARKED = re.compile(r"7(\d{5})7|p(\d{5})p")
_IN_SQL = re.compile(r"(?<!\w)7(\d{5})7(?!\w)|'p(\d{5})p'")
_MOST_LITERALS = 2_000
_DEEPEST = 200


class HexText(str):
    """A hexadecimal literal: text, or a number where a number is asked for."""

    __slots__ = ()


Value = int | float | str


@dataclass(frozen=True)
class Lifted:
    """A payload as SQL of its shape, ``literals`` in the order of their marks."""

    shape: str
    literals: tuple[Value, ...]


def lift(payload: str, quote: str, *, names: bool = False) -> Lifted | None:
    """Lift a payload that starts inside ``quote`` ('' for none); None when it is too deep or too long.

    ``names``: what stands in double quotes is a name, as the standard has it, and not text, as MySQL has it.
    """
    pieces: list[str] = []
    literals: list[Value] = []
    depth = lowest = highest = 0
    for found in _TOKEN.finditer(quote + payload):
        kind, text = found.lastgroup, found[0]
        named = names and text[0] == '"'
        if kind in {"text", "hex", "number"} and not named:
            literals.append(_value_of(str(kind), text))
            mark = _NUMBER_MARK if kind == "number" else _TEXT_MARK
            pieces.append(mark.format(len(literals) - 1))
        elif kind in {"space", "note", "version"}:
            pieces.append(" ")
        else:
            depth += (text == "(") - (text == ")")
            lowest, highest = min(lowest, depth), max(highest, depth)
            pieces.append(text)
    if len(literals) > _MOST_LITERALS or highest - lowest > _DEEPEST:
        return None
    return Lifted("(" * -lowest + "".join(pieces) + ")" * (depth - lowest), tuple(literals))


def mark_number(text: str) -> int | None:
    """Return which literal a mark stands for, or None when the text is no mark."""
    found = _MARKED.fullmatch(text)
    return None if found is None else int(found[1] or found[2])


def split_marks(sql: str) -> list[str | int]:
    """Split a shape's SQL into its plain pieces and the numbers of its literals, in turn."""
    pieces: list[str | int] = []
    last = 0
    for found in _IN_SQL.finditer(sql):
        pieces += [sql[last : found.start()], int(found[1] or found[2])]
        last = found.end()
    return [*pieces, sql[last:]]


def _value_of(kind: str, text: str) -> Value:
    if kind == "number":
        return int(text[:300]) if text.isdecimal() else float(text)
    if kind == "hex":
        digits = text[2:]
        raw = bytes.fromhex(digits if len(digits) % 2 == 0 else f"0{digits}")
        return HexText(raw.decode("utf-8", "replace"))
    quote = text[0]
    inside = text[1:-1] if len(text) > 1 and text.endswith(quote) else text[1:]
    plain = inside.replace(quote * 2, quote)
    return _BACKSLASH.sub(lambda found: _ESCAPES.get(found[1], found[1]), plain)
