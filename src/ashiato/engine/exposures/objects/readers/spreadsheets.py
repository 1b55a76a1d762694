"""XLSX: rows of each sheet under its first row; a text stands where its bytes stand, shared or inline.

Source: ECMA-376 part 1, SpreadsheetML, read 2026-11-22. openpyxl gives no byte places and holds whole sheets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from ashiato.engine.exposures.objects.cells import LONGEST_CELL, Cell
from ashiato.engine.exposures.objects.readers.markup import walk

_LETTERS = re.compile(r"([A-Z]+)\d+")
_DAY_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_EPOCH = date(1899, 12, 30)
_SHARED, _STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")


@dataclass
class _Place:
    """A text with the part it stands in and its bytes there."""

    text: str
    part: str
    first: int
    last: int


@dataclass
class _Sheet:
    """What is gathered while a sheet is walked through."""

    rows: list[dict[int, _Place]] = field(default_factory=list)
    column: int = 0
    kind: str = ""
    style: str = ""
    texts: list[str] = field(default_factory=list)
    is_open: bool = False
    first: int = 0


def sheet_parts(names: set[str]) -> bool:
    """Tell whether a container with these members is a workbook."""
    return any(_SHEET.fullmatch(name) for name in names)


def read_spreadsheet(parts: Mapping[str, bytes]) -> Iterator[tuple[str, Cell]]:
    """Yield the cells of every sheet, each with the name of the part that holds its text."""
    shared = _shared_texts(parts.get(_SHARED, b""))
    days = _day_styles(parts.get(_STYLES, b""))
    unit = 0
    for name in sorted(part for part in parts if _SHEET.fullmatch(part)):
        headers: dict[int, str] = {}
        for cells in _rows_of(name, parts[name], shared, days):
            unit += 1
            if not headers:
                headers = {column: place.text for column, place in cells.items()}
                continue
            for column, place in sorted(cells.items()):
                header = headers.get(column, f"column {column}")
                text = place.text[:LONGEST_CELL]
                if text.strip():
                    yield place.part, Cell(unit, header, text, place.first, place.last, len(text) > 40)


def _shared_texts(content: bytes) -> list[_Place]:
    found: list[_Place] = []
    held: list[str] = []
    state = {"first": 0, "is_open": False, "is_reading": False}

    def begin(name: str, _: dict[str, str], place: int) -> None:
        if name == "si":
            held.clear()
            state["first"], state["is_open"] = place, True
        elif name == "rPh":
            state["is_open"] = False
        state["is_reading"] = name == "t" and bool(state["is_open"])

    def end(name: str, place: int) -> None:
        state["is_reading"] = False
        if name == "rPh":
            state["is_open"] = True
        elif name == "si":
            found.append(_Place("".join(held), _SHARED, int(state["first"]), place))

    walk(content, begin, end, lambda text: held.append(text) if state["is_reading"] else None)
    return found


def _day_styles(content: bytes) -> frozenset[str]:
    """The numbers of styles that show a number as a day."""
    own: set[str] = set()
    styles: list[str] = []
    state = {"is_cell": False}

    def begin(name: str, attributes: dict[str, str], _: int) -> None:
        if name == "numFmt" and re.search(r"[yd]", attributes.get("formatCode", "")):
            own.add(attributes.get("numFmtId", ""))
        elif name == "cellXfs":
            state["is_cell"] = True
        elif name == "xf" and state["is_cell"]:
            styles.append(attributes.get("numFmtId", "0"))

    def end(name: str, _: int) -> None:
        if name == "cellXfs":
            state["is_cell"] = False

    walk(content, begin, end, lambda _: None)
    known = {str(number) for number in _DAY_FORMATS} | own
    return frozenset(str(place) for place, number in enumerate(styles) if number in known)


def _rows_of(
    part: str, content: bytes, shared: list[_Place], days: frozenset[str]
) -> list[dict[int, _Place]]:
    sheet = _Sheet()

    def begin(name: str, attributes: dict[str, str], place: int) -> None:
        if name == "row":
            sheet.rows.append({})
            sheet.column = 0
        elif name == "c":
            found = _LETTERS.fullmatch(attributes.get("r", ""))
            sheet.column = _number_of(found[1]) if found else sheet.column + 1
            sheet.kind, sheet.style = attributes.get("t", "n"), attributes.get("s", "")
            sheet.texts, sheet.first = [], place
        sheet.is_open = name in ("v", "t")

    def end(name: str, place: int) -> None:
        sheet.is_open = False
        if name == "c" and sheet.texts and sheet.rows:
            made = _Place("".join(sheet.texts), part, sheet.first, place)
            sheet.rows[-1][sheet.column] = _valued(made, sheet, shared, days)

    walk(content, begin, end, lambda text: sheet.texts.append(text) if sheet.is_open else None)
    return sheet.rows


def _valued(made: _Place, sheet: _Sheet, shared: list[_Place], days: frozenset[str]) -> _Place:
    if sheet.kind == "s" and made.text.isdigit() and int(made.text) < len(shared):
        return shared[int(made.text)]
    if sheet.kind == "n" and sheet.style in days:
        try:
            day = _EPOCH + timedelta(days=int(float(made.text)))
        except (ValueError, OverflowError):
            return made
        return _Place(day.isoformat(), made.part, made.first, made.last)
    if sheet.kind == "n" and made.text.endswith(".0"):
        return _Place(made.text[:-2], made.part, made.first, made.last)
    return made


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters[:4]:
        number = number * 26 + ord(letter) - 64
    return number
