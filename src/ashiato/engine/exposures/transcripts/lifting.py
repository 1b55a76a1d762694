"""Payloads gathered by shape: numbers and strings lifted out, quotes and brackets closed."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<text>'(?:[^'\\]|''|\\.)*+(?:'|\Z) | "(?:[^"\\]|""|\\.)*+(?:"|\Z))   # a string, maybe unclosed
    | (?P<name>`[^`]*+(?:`|\Z))                                               # a quoted name
    | (?P<version>/\*![0-9]*|\*/)                                                # MySQL runs what is inside
    | (?P<note>/\*.*?(?:\*/|\Z) | --[^\n]* | \#[^\n]*)                        # a comment
    | (?P<hex>0[xX][0-9A-Fa-f]+)
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
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
_MOST_FORMS = 20_000
_DIGITS = re.compile(r"[0-9]+")


class HexText(str):
    """A hexadecimal literal: text, or a number where a number is asked for."""

    __slots__ = ()


Value = int | float | str


@dataclass(frozen=True)
class Lifted:
    """A payload as SQL of its shape, ``literals`` in the order of their marks."""

    shape: str
    literals: tuple[Value, ...]


@dataclass(frozen=True)
class _Form:
    """A payload's shape; each literal as its kind and its pieces, which are text or runs of digits."""

    shape: str
    literals: tuple[tuple[str, tuple[str | int, ...]], ...]


class Lifter:
    """Lifts payloads that start inside ``quote`` ('' for none); each is cut up once per run of its digits.

    ``names``: what stands in double quotes is a name, as the standard has it, and not text, as MySQL has it.
    Where tokens begin and end does not depend on which digits stand in a run of digits.
    """

    def __init__(self, quote: str, *, names: bool = False) -> None:
        """Start knowing no form."""
        self._quote = quote
        self._names = names
        self._forms: dict[str, _Form | None] = {}

    def lift(self, payload: str) -> Lifted | None:
        """Return the payload lifted; None when it is too deep or has too many literals."""
        text = self._quote + payload
        pattern = _DIGITS.sub("0", text)
        if pattern not in self._forms:
            if len(self._forms) >= _MOST_FORMS:
                self._forms.clear()
            self._forms[pattern] = self._form_of(pattern)
        form = self._forms[pattern]
        if form is None:
            return None
        runs = _DIGITS.findall(text)
        return Lifted(form.shape, tuple(_literal_of(kind, pieces, runs) for kind, pieces in form.literals))

    def _form_of(self, pattern: str) -> _Form | None:
        shape: list[str] = []
        literals: list[tuple[str, tuple[str | int, ...]]] = []
        depth = lowest = highest = run = 0
        for found in _TOKEN.finditer(pattern):
            kind, text = str(found.lastgroup), found[0]
            if kind in {"text", "hex", "number"} and not (self._names and text[0] == '"'):
                mark = _NUMBER_MARK if kind == "number" else _TEXT_MARK
                shape.append(mark.format(len(literals)))
                literals.append((kind, _pieces_of(text, run)))
            elif kind in {"space", "note", "version"}:
                shape.append(" ")
            else:
                depth += (text == "(") - (text == ")")
                lowest, highest = min(lowest, depth), max(highest, depth)
                shape.append(text)
            run += text.count("0")
        if len(literals) > _MOST_LITERALS or highest - lowest > _DEEPEST:
            return None
        return _Form("(" * -lowest + "".join(shape) + ")" * (depth - lowest), tuple(literals))


def _pieces_of(text: str, run: int) -> tuple[str | int, ...]:
    """Cut a token at its runs of digits; the first of them is the payload's run of this number."""
    pieces: list[str | int] = []
    for number, piece in enumerate(text.split("0")):
        pieces += [run + number - 1, piece] if number else [piece]
    return tuple(piece for piece in pieces if piece != "")


def _literal_of(kind: str, pieces: tuple[str | int, ...], runs: list[str]) -> Value:
    text = "".join(piece if isinstance(piece, str) else runs[piece] for piece in pieces)
    return _value_of(kind, text)


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
