"""Rows of INSERT statements, as pg_dump --inserts, mysqldump, mariadb-dump and sqlite3 .dump write them.

How text is quoted differs by writer: MySQL and MariaDB escape with backslashes (unless they were told not
to), PostgreSQL only in ``E'...'``, SQLite never. Sources: MySQL 8.4 manual 11.1.1, PostgreSQL 17 manual
4.1.2, SQLite's "Command Line Shell"; read 2026-11-22.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ashiato.engine.dumps.lines import Lines
from ashiato.engine.dumps.tables import shown_bytes

_NAME = rb'(?:`(?:[^`]|``)+`|"(?:[^"]|"")+"|\[[^\]]+\]|[^\s`"\[(.,;]+)'
INSERT = re.compile(
    rb"(?:INSERT\s+(?:IGNORE\s+|OR\s+\w+\s+)?INTO|REPLACE\s+INTO)\s+(?P<table>"
    + _NAME
    + rb"(?:\."
    + _NAME
    + rb")*)"
    rb"\s*(?:\((?P<columns>[^()]*)\)\s*)?(?:OVERRIDING\s+\w+\s+VALUE\s+)?VALUES\s*",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(r'`((?:[^`]|``)+)`|"((?:[^"]|"")+)"|\[([^\]]+)\]|([^\s`"\[,.]+)')
_PLAIN = rb"'[^']*+(?:''[^']*+)*+'(?!')"
_ESCAPING = rb"'[^'\\]*+(?:(?:''|\\.)[^'\\]*+)*+'(?!')"
_NUMBER = rb"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_END = rb"\s*(?P<end>[,)])"
_STRAY = rb"(?P<word>NULL|DEFAULT|TRUE|FALSE|[-+]?Inf(?:inity)?|NaN)"
_MYSQL = {b"0": b"\0", b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"Z": b"\x1a"}
_POSTGRES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_ESCAPE = re.compile(rb"''|\\(.)", re.DOTALL)
_UNISTR = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|([0-9A-Fa-f]{4})|(\\))")


@dataclass(frozen=True)
class Writer:
    """Who wrote a dump, as far as its text is concerned: whether a backslash in quotes escapes."""

    name: str
    backslashes: bool = False

    @property
    def whole(self) -> re.Pattern[bytes]:
        """The pattern of anything up to the end of a value, read or not."""
        quoted = _ESCAPING if self.backslashes else _PLAIN
        inner = rb"(?:[^'(),]|" + quoted + rb")*+"
        return re.compile(
            inner + rb"(?:\(" + inner + rb"(?:," + inner + rb")*+\)" + inner + rb")*+[,)]", re.DOTALL
        )

    @property
    def value(self) -> re.Pattern[bytes]:
        """The pattern of one value with what ends it."""
        quoted = _ESCAPING if self.backslashes else _PLAIN
        parts = [
            rb"(?P<hex>[xX]'[0-9A-Fa-f]*'|0x[0-9A-Fa-f]+)",
            rb"(?P<bits>[bB]'[01]*'|0b[01]+)",
            rb"(?P<nested>replace\((?:replace\()?(?P<inner>"
            + quoted
            + rb")(?P<swaps>(?:\s*,\s*'[^']*'\s*,\s*char\([0-9]+\)\))+))",
            rb"unistr\((?P<unistr>" + quoted + rb")\)",
            rb"(?P<prefix>_binary\s*|_[a-z0-9]+\s*|[Nn])?(?P<text>" + quoted + rb")(?:::[\w\s\".\[\]]+?)?",
            rb"[eE](?P<escaped>" + _ESCAPING + rb")",
            rb"(?P<number>" + _NUMBER + rb")",
            _STRAY,
        ]
        return re.compile(rb"\s*(?:" + rb"|".join(parts) + rb")" + _END, re.IGNORECASE | re.DOTALL)


def identifiers(text: bytes) -> list[str]:
    """Return the names in a list of columns, or the parts of a table's name."""
    found = _IDENTIFIER.findall(text.decode("utf-8", "replace"))
    return [
        tick.replace("``", "`") or quoted.replace('""', '"') or bracket or plain
        for tick, quoted, bracket, plain in found
    ]


class Inserted:
    """The rows of one INSERT statement that begins on a line."""

    def __init__(
        self, first: bytes, place: int, lines: Lines, writer: Writer, *, binary: Collection[int] = ()
    ) -> None:
        """``place``: where in the line its values begin; ``binary``: which columns hold bytes, not text."""
        self._text = first
        self._place = place
        self._lines = lines
        self._writer = writer
        self._binary = binary
        self._value, self._whole = writer.value, writer.whole

    def __iter__(self) -> Iterator[list[str | None]]:
        """Yield the rows up to the statement's end."""
        while True:
            mark = self._next_mark()
            if mark == b"(":
                yield list(self._row())
            elif mark.isalpha():
                # What is to be done with rows that are there already.
                self._pass_to_the_end()
            elif mark != b",":
                break
        if mark != b";":
            raise self._lines.not_read()
        self._lines.give_back(self._text[self._place :].lstrip(b"\r\n"))

    def _pass_to_the_end(self) -> None:
        while (end := self._text.find(b";", self._place)) < 0:
            self._read_on()
        self._place = end

    def _next_mark(self) -> bytes:
        """Return the next character that is no blank, reading on where a line ends."""
        while True:
            while self._place < len(self._text):
                mark = self._text[self._place : self._place + 1]
                self._place += 1
                if not mark.isspace():
                    return mark
            self._read_on()

    def _row(self) -> Iterator[str | None]:
        number = 0
        while True:
            found = self._value.match(self._text, self._place)
            while found is None:
                if self._whole.match(self._text, self._place):
                    raise self._lines.not_read()
                self._read_on()
                found = self._value.match(self._text, self._place)
            self._place = found.end()
            yield self._cell(found, binary=number in self._binary)
            number += 1
            if found["end"] == b")":
                return

    def _read_on(self) -> None:
        """Take as much again as is not yet read, a line at least; what was read is let go."""
        left = self._text[self._place :]
        more: list[bytes] = []
        wanted = len(left)
        while not more or wanted > 0:
            line = next(self._lines, None)
            if line is None:
                break
            more.append(line)
            wanted -= len(line)
        if not more:
            raise self._lines.broken_off()
        self._text, self._place = left + b"".join(more), 0

    def _cell(self, found: re.Match[bytes], *, binary: bool) -> str | None:
        if found["text"] is not None:
            content = self._unquoted(found["text"])
            said = (found["prefix"] or b"").strip().lower() == b"_binary"
            return shown_bytes(content) if said or binary else _text(content)
        if found["word"] is not None:
            return None if found["word"].upper() in (b"NULL", b"DEFAULT") else _text(found["word"]).lower()
        if found["number"] is not None:
            return _text(found["number"])
        if found["hex"] is not None:
            return shown_bytes(bytes.fromhex(_text(found["hex"][2:].strip(b"'"))))
        if found["bits"] is not None:
            return str(int(_text(found["bits"][2:].strip(b"'")) or "0", 2))
        return self._called(found)

    def _called(self, found: re.Match[bytes]) -> str:
        if found["escaped"] is not None:
            return _text(_unescaped(found["escaped"], _POSTGRES))
        if found["unistr"] is not None:
            return _UNISTR.sub(
                lambda one: "\\" if one[3] else chr(int(one[1] or one[2], 16)),
                _text(self._unquoted(found["unistr"])),
            )
        content = self._unquoted(found["inner"])
        for mark, code in re.findall(rb"'([^']*)'\s*,\s*char\(([0-9]+)\)", found["swaps"], re.IGNORECASE):
            content = content.replace(mark, bytes([int(code) & 0xFF]))
        return _text(content)

    def _unquoted(self, quoted: bytes) -> bytes:
        return _unescaped(quoted, _MYSQL) if self._writer.backslashes else quoted[1:-1].replace(b"''", b"'")


def _unescaped(quoted: bytes, escapes: dict[bytes, bytes]) -> bytes:
    inner = quoted[1:-1]
    if b"\\" not in inner and b"''" not in inner:
        return inner
    return _ESCAPE.sub(lambda one: escapes.get(one[1], one[1]) if one[1] is not None else b"'", inner)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
