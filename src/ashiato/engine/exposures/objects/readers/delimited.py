"""CSV, TSV and their like: rows of cells under a header line, in any encoding that keeps commas single."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ashiato.engine.exposures.objects.cells import LONGEST_CELL, Cell

_SIGNS = b",\t;|"
_SAMPLE_LINES = 40
_VALUE = re.compile(r"\d[\d\s,./:-]*|[^@\s]+@[^@\s]+\.\w+")
_BARE = {sign: re.compile(rb'"((?:[^"]|"")*+)"|([^%c"\r\n][^%c\r\n]*+)?' % (sign, sign)) for sign in _SIGNS}


def delimiter_of(content: bytes) -> int | None:
    """Return the byte that parts the cells, or None for text that is no table."""
    lines = [line for line in content[: 1 << 16].splitlines()[:_SAMPLE_LINES] if line.strip()]
    if len(content) > 1 << 16:
        lines = lines[:-1] or lines
    best, share = None, 0.0
    for sign in _SIGNS:
        counts = [re.sub(rb'"[^"]*"', b"", line).count(bytes([sign])) for line in lines]
        usual, times = Counter(counts).most_common(1)[0] if counts else (0, 0)
        alike = times / max(1, len(lines))
        if usual > 0 and alike >= 0.7 and (alike, usual) > (share, 0) and (len(lines) > 1 or usual > 1):
            best, share = sign, alike
    return best


def read_delimited(content: bytes, encoding: str, sign: int) -> Iterator[Cell]:
    """Yield the cells of a table; rows are numbered as lines of the table, the header being row 1."""
    headers: list[str] | None = None
    for number, row in enumerate(_rows(content, encoding, sign), start=1):
        if headers is None:
            headers = _headers_of([text for text, _, _ in row])
            if headers is not None:
                continue
            headers = []
        for place, (text, first, last) in enumerate(row):
            if text.strip():
                header = headers[place] if place < len(headers) else f"column {place + 1}"
                yield Cell(number, header, text[:LONGEST_CELL], first, last, is_text=len(text) > 40)


def _headers_of(names: list[str]) -> list[str] | None:
    """The names of the columns, unless the first line is data already: numbers, addresses, repeats."""
    told = [name.strip().lstrip("\ufeff").strip('"') for name in names]
    filled = [name for name in told if name]
    if not filled or len(set(filled)) < len(filled) or any(_VALUE.fullmatch(name) for name in filled):
        return None
    return [name or f"column {place + 1}" for place, name in enumerate(told)]


def _rows(content: bytes, encoding: str, sign: int) -> Iterator[list[tuple[str, int, int]]]:
    pattern, place, size = _BARE[sign], 0, len(content)
    row: list[tuple[str, int, int]] = []
    while place <= size:
        found = pattern.match(content, place)
        if found is None:
            # A quote that is never closed: the rest of the line is the cell.
            stop = content.find(b"\n", place)
            stop = size if stop < 0 else stop
            row.append((content[place:stop].decode(encoding, "replace"), place, stop))
            place = stop
        else:
            group = 1 if found.start(1) >= 0 else 2
            raw = found[group] or b""
            first = found.start(group) if found.start(group) >= 0 else place
            text = (raw.replace(b'""', b'"') if group == 1 else raw).decode(encoding, "replace")
            row.append((text, first, first + len(raw)))
            place = found.end()
        if place < size and content[place] == sign:
            place += 1
            continue
        stop = content.find(b"\n", place)
        place = size + 1 if stop < 0 else stop + 1
        if len(row) > 1 or row[0][0].strip():
            yield row
        row = []
        if place >= size:
            return
