"""SQL dumps: the rows of INSERT statements and of COPY blocks, under the names of their columns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ashiato.engine.exposures.objects.cells import LONGEST_CELL, Cell

_SIGN = re.compile(rb"(?im)^[ \t]*(?:INSERT\s+INTO\s|COPY\s+\S+\s*\([^)]*\)\s+FROM\s+stdin|CREATE\s+TABLE\s)")
_INSERT = re.compile(
    rb"""INSERT\s+INTO\s+([`"\[\w.\]]+)\s*(?:\(([^)]*)\))?\s*VALUES\s*""", re.IGNORECASE | re.DOTALL
)
_COPY = re.compile(rb"(?m)^COPY\s+(\S+)\s*\(([^)]*)\)\s+FROM\s+stdin[^\n]*;\r?\n", re.IGNORECASE)
_CREATE = re.compile(
    rb"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([`\"\[\w.\]]+)\s*\((.*?)\n\)", re.IGNORECASE | re.DOTALL
)
_VALUE = re.compile(
    rb"""\s*(?:[NE]?'((?:[^'\\]|''|\\.)*+)'|([^',()\s][^',()]*+)|(\())?\s*([,)])?""", re.DOTALL
)
_UNESCAPE = re.compile(r"''|\\(.)", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "0": "", "N": ""}
_COPY_END = b"\\."


def is_sql_dump(content: bytes) -> bool:
    """Tell whether a text has the statements of a dump near its beginning."""
    return _SIGN.search(content[: 1 << 16]) is not None


def read_sql_dump(content: bytes, encoding: str) -> Iterator[Cell]:
    """Yield the values of every row; units are rows in the order of the dump."""
    columns = {_plain(found[1]): _declared(found[2]) for found in _CREATE.finditer(content)}
    begins = [(found.start(), True, found) for found in _INSERT.finditer(content)]
    begins += [(found.start(), False, found) for found in _COPY.finditer(content)]
    unit, place = 0, 0
    for start, is_insert, found in sorted(begins, key=lambda each: each[0]):
        if start < place:
            continue  # inside the text of another
        table = _plain(found[1])
        names = _names(found[2]) if found[2] else columns.get(table, [])
        rows = _inserted(content, found.end()) if is_insert else _copied(content, found.end())
        for row in rows:
            unit += 1
            for number, (raw, first, last) in enumerate(row):
                header = names[number] if number < len(names) else f"column {number + 1}"
                text = _text_of(raw, encoding, is_insert=is_insert)[:LONGEST_CELL]
                place = max(place, last)
                if text.strip():
                    yield Cell(unit, f"{table}.{header}", text, first, last, is_text=len(text) > 40)


def _inserted(content: bytes, place: int) -> Iterator[list[tuple[bytes, int, int]]]:
    while (opened := re.compile(rb"\s*,?\s*\(").match(content, place)) is not None:
        place, row, depth = opened.end(), [], 0
        while found := _VALUE.match(content, place):
            group = 1 if found[1] is not None else 2
            if found[3]:
                depth += 1
            elif found[group] is not None and found[group].upper() != b"NULL":
                row.append((found[group], found.start(group), found.end(group)))
            elif depth == 0:
                row.append((b"", place, place))
            if found.end() == place:
                return
            place = found.end()
            if found[4] == b")":
                depth -= 1
                if depth < 0:
                    break
        yield row


def _copied(content: bytes, place: int) -> Iterator[list[tuple[bytes, int, int]]]:
    while place < len(content):
        stop = content.find(b"\n", place)
        stop = len(content) if stop < 0 else stop
        line = content[place:stop]
        if line.rstrip(b"\r") == _COPY_END:
            return
        row, first = [], place
        for raw in line.split(b"\t"):
            row.append((b"" if raw == b"\\N" else raw, first, first + len(raw)))
            first += len(raw) + 1
        yield row
        place = stop + 1


def _text_of(raw: bytes, encoding: str, *, is_insert: bool) -> str:
    text = raw.decode(encoding, "replace").strip()
    if not is_insert and "\\" not in text:
        return text
    return _UNESCAPE.sub(lambda found: _LETTERS.get(found[1], found[1]) if found[1] else "'", text)


def _names(raw: bytes) -> list[str]:
    return [_plain(name) for name in raw.split(b",")]


def _declared(raw: bytes) -> list[str]:
    lines = [line.strip() for line in raw.split(b"\n") if line.strip()]
    keys = (b"PRIMARY", b"KEY", b"UNIQUE", b"CONSTRAINT", b"INDEX", b"FOREIGN", b"CHECK", b"FULLTEXT")
    return [_plain(line.split()[0]) for line in lines if not line.upper().startswith(keys)]


def _plain(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").strip().strip('`"[]').rpartition(".")[2].strip('`"[]')
