"""A dump's text cut into statements, and a statement into words, in time that grows with its length alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: Longer statements are no GRANT that a dump writes.
_LONGEST = 65_536
_MARK = re.compile(r"""[eE]?'|["`;]|--|/\*|\$[A-Za-z_0-9]*\$""")
_ESCAPED = re.compile(r"""(?:[^'\\]|\\.|'')*'""", re.DOTALL)
_COPY = re.compile(r"\s*COPY\s[^;]*\sFROM\s+stdin\s*\Z", re.IGNORECASE)
_WORD = re.compile(r"""'((?:[^']|'')*)'|"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|([\w$.*-]+)|([(),=@])""")


@dataclass(frozen=True)
class Word:
    """One word of a statement: ``text`` in lower case unless it was quoted."""

    text: str
    quoted: bool = False


def statements_of(text: str) -> Iterator[str | None]:
    """Yield the statements of a dump, without comments, rows of COPY, and what psql itself is told.

    The last is None where a quote or comment is never closed, so that nothing behind it was read.
    """
    parts: list[str] = []
    at = 0
    while at < len(text):
        found = _MARK.search(text, at)
        if found is None:
            parts.append(text[at:])
            break
        parts.append(text[at : found.start()])
        mark = found[0]
        if mark == ";":
            at = found.end()
            statement = _joined(parts)
            if _COPY.match(statement):
                at = _after(text, "\n\\.", at)
            elif statement:
                yield statement
            parts = []
        elif mark in ("--", "/*"):
            at = _after(text, "*/", found.end()) if mark == "/*" else _line_after(text, found.end())
            parts.append("\n")
        else:
            at = _end_of_quote(text, mark, found.end())
            parts.append(text[found.start() : at])
        if at > len(text):
            yield None
    if statement := _joined(parts):
        yield statement


def words_of(statement: str) -> list[Word]:
    """Return a statement's words; of one longer than any GRANT only the beginning's."""
    words = []
    for single, double, tick, plain, sign in _WORD.findall(statement[:_LONGEST]):
        if plain:
            words += [Word(part) for part in _dotted(plain)]
        elif sign:
            words.append(Word(sign))
        else:
            words.append(Word(single or double.replace('""', '"') or tick.replace("``", "`"), quoted=True))
    return words


def _dotted(plain: str) -> list[str]:
    """Cut ``a.b`` at its dot; the dot beside a quoted name stands alone."""
    return [part.lower() for part in re.split(r"(\.)", plain) if part]


def _joined(parts: list[str]) -> str:
    lines = "".join(parts).split("\n")
    return "\n".join(line for line in lines if not line.startswith("\\")).strip()


def _end_of_quote(text: str, mark: str, start: int) -> int:
    if len(mark) == 1 or mark.startswith("$"):
        return _after(text, mark, start)
    found = _ESCAPED.match(text, start)
    return found.end() if found else len(text) + 1


def _line_after(text: str, start: int) -> int:
    return min(_after(text, "\n", start), len(text))


def _after(text: str, mark: str, start: int) -> int:
    """Return the place behind the next mark, or one behind the text's end where there is none."""
    found = text.find(mark, start)
    return len(text) + 1 if found < 0 else found + len(mark)
